/* NT's object names of files. */
#ifndef NTDLL_NT_PATH_H
#define NTDLL_NT_PATH_H

#include "kernel/path.h"

/* Files are named below \??\ (and \DosDevices\), \Device\HarddiskVolume1\ and \SystemRoot\, or by what is
 * below a directory's handle. */
NTSTATUS nt_path_to_host(const OBJECT_ATTRIBUTES *attributes, struct host_path *host);

#endif
