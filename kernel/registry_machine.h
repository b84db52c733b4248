/* What the registry tells of the machine. */
#ifndef KERNEL_REGISTRY_MACHINE_H
#define KERNEL_REGISTRY_MACHINE_H

#include "kernel/registry_tree.h"

/* Adds the computer's name, processors and time zone. False: memory is short. */
bool registry_add_machine(struct registry_key *root);

#endif
