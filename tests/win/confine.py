"""Runs a process as a container or a hardened system does: without the calls by which one process looks into another."""
import ctypes
import struct

# By architecture, as Linux's filters name it: ptrace, process_vm_readv, process_vm_writev, pidfd_getfd; and
# futex_waitv, which many filters do not know yet.
FORBIDDEN = {0xC000003E: (101, 310, 311, 438, 449), 0x40000003: (26, 347, 348, 438, 449)}

PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, SECCOMP_MODE_FILTER = 22, 38, 2
LOAD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
CALL_NUMBER, ARCHITECTURE = 0, 4
ALLOW, FAIL_WITH_EPERM = 0x7FFF0000, 0x00050001


def instruction(code, value, if_true=0, if_false=0):
    return struct.pack('<HBBI', code, if_true, if_false, value)


def filter_program():
    program = b''
    for architecture, calls in FORBIDDEN.items():
        program += instruction(LOAD, ARCHITECTURE) + instruction(JUMP_IF_EQUAL, architecture, 0, 2 * len(calls) + 1)
        program += instruction(LOAD, CALL_NUMBER)
        for call in calls:
            program += instruction(JUMP_IF_EQUAL, call, 0, 1) + instruction(RETURN, FAIL_WITH_EPERM)
    return program + instruction(RETURN, ALLOW)


def confine():
    """For this process and all that it starts."""
    program = filter_program()
    code = ctypes.create_string_buffer(program, len(program))
    description = struct.pack('@HP', len(program) // 8, ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, description, 0, 0):
        raise OSError(ctypes.get_errno(), 'prctl')
