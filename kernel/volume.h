/* Volumes: what a file system says of itself. */
#ifndef KERNEL_VOLUME_H
#define KERNEL_VOLUME_H

#include "kernel/path.h"

struct volume_information {
    uint64_t total_bytes;
    uint64_t free_bytes;      /* for everybody */
    uint64_t available_bytes; /* for this user */
    uint32_t bytes_per_cluster;
    uint32_t longest_name;
    uint32_t serial_number;
    uint32_t flags;      /* FILE_SUPPORTS_HARD_LINKS ... */
    uint32_t drive_type; /* DRIVE_FIXED ... */
    bool read_only;
};

#define VOLUME_BYTES_PER_SECTOR 512

/* Of the file system that holds a host file or an open descriptor. */
EXPORTED NTSTATUS volume_query(const char *host_name, struct volume_information *information);
EXPORTED NTSTATUS volume_query_descriptor(int descriptor, struct volume_information *information);

#endif
