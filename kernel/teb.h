/* The thread and process environment blocks, at the offsets that compilers, runtimes and programs
 * rely on. MinGW-w64's headers leave most of their fields unnamed. */
#ifndef KERNEL_TEB_H
#define KERNEL_TEB_H

#include <litewin/windows.h>

#ifdef __x86_64__
#define TEB_OFFSET(x86_64, i386) (x86_64)
#else
#define TEB_OFFSET(x86_64, i386) (i386)
#endif

struct process_parameters;

/* RTL_USER_PROCESS_PARAMETERS' neighbour: the loader's module lists as programs walk them. */
struct peb_loader_data {
    ULONG Length;
    BOOLEAN Initialized;
    HANDLE SsHandle;
    LIST_ENTRY InLoadOrderModuleList;
    LIST_ENTRY InMemoryOrderModuleList;
    LIST_ENTRY InInitializationOrderModuleList;
    void *EntryInProgress;
    BOOLEAN ShutdownInProgress;
    HANDLE ShutdownThreadId;
};

struct peb {
    BOOLEAN InheritedAddressSpace;
    BOOLEAN ReadImageFileExecOptions;
    BOOLEAN BeingDebugged;
    BOOLEAN BitField;
    HANDLE Mutant;
    void *ImageBaseAddress;
    struct peb_loader_data *Ldr;
    struct process_parameters *ProcessParameters;
    void *SubSystemData;
    HANDLE ProcessHeap;
    RTL_CRITICAL_SECTION *FastPebLock;
    void *reserved_up_to_process_count[TEB_OFFSET(15, 17)];
    ULONG NumberOfProcessors;
    ULONG NtGlobalFlag;
    LARGE_INTEGER CriticalSectionTimeout;
    SIZE_T HeapSegmentReserve;
    SIZE_T HeapSegmentCommit;
    SIZE_T HeapDeCommitTotalFreeThreshold;
    SIZE_T HeapDeCommitFreeBlockThreshold;
    ULONG NumberOfHeaps;
    ULONG MaximumNumberOfHeaps;
    void **ProcessHeaps;
    void *GdiSharedHandleTable;
    void *ProcessStarterHelper;
    void *GdiDCAttributeList;
    RTL_CRITICAL_SECTION *LoaderLock;
    ULONG OSMajorVersion;
    ULONG OSMinorVersion;
    USHORT OSBuildNumber;
    USHORT OSCSDVersion;
    ULONG OSPlatformId;
    ULONG ImageSubsystem;
    ULONG ImageSubsystemMajorVersion;
    ULONG ImageSubsystemMinorVersion;
    ULONG_PTR ActiveProcessAffinityMask;
    ULONG GdiHandleBuffer[TEB_OFFSET(60, 34)];
    void *PostProcessInitRoutine;
    void *TlsExpansionBitmap;
    ULONG TlsExpansionBitmapBits[32];
    ULONG SessionId;
    BYTE reserved_after_session[TEB_OFFSET(0x800 - 0x2c4, 0x480 - 0x1d8)];
};

struct teb {
    NT_TIB Tib;
    void *EnvironmentPointer;
    CLIENT_ID ClientId;
    void *ActiveRpcHandle;
    void **ThreadLocalStoragePointer;
    struct peb *ProcessEnvironmentBlock;
    ULONG LastErrorValue;
    ULONG CountOfOwnedCriticalSections;
    void *CsrClientThread;
    void *Win32ThreadInfo;
    BYTE reserved_up_to_locale[TEB_OFFSET(0x108 - 0x080, 0x0c4 - 0x044)];
    ULONG CurrentLocale;
    ULONG FpSoftwareStatusRegister;
    BYTE reserved_up_to_exception_code[TEB_OFFSET(0x2c0 - 0x110, 0x1a4 - 0x0cc)];
    NTSTATUS ExceptionCode;
    void *ActivationContextStackPointer;
    BYTE reserved_up_to_last_status[TEB_OFFSET(0x1250 - 0x2d0, 0xbf4 - 0x1ac)];
    NTSTATUS LastStatusValue;
    UNICODE_STRING StaticUnicodeString;
    WCHAR StaticUnicodeBuffer[261];
    void *DeallocationStack;
    void *TlsSlots[64];
    LIST_ENTRY TlsLinks;
    BYTE reserved_up_to_hard_error_mode[TEB_OFFSET(0x16b0 - 0x1690, 0xf28 - 0xf18)];
    ULONG HardErrorMode;
    BYTE reserved_up_to_guarantee[TEB_OFFSET(0x1748 - 0x16b4, 0xf78 - 0xf2c)];
    ULONG GuaranteedStackBytes;
    BYTE reserved_up_to_tls_expansion[TEB_OFFSET(0x1780 - 0x174c, 0xf94 - 0xf7c)];
    void **TlsExpansionSlots;
    BYTE reserved_up_to_active_frame[TEB_OFFSET(0x17c0 - 0x1788, 0xfb0 - 0xf98)];
    void *ActiveFrame;
    void *FlsData;
    BYTE reserved_up_to_flags[TEB_OFFSET(0x17ee - 0x17d0, 0xfca - 0xfb8)];
    USHORT SameTebFlags;
    BYTE reserved_at_end[TEB_OFFSET(0x1830 - 0x17f0, 0xffc - 0xfcc)];
    void *ForwarderCalled; /* litewin's own, for tracing: the forwarder that a call has just come through */
};

/* Of SameTebFlags: Tib.FiberData is the fiber that the thread runs, which the thread's end frees. */
#define TEB_HAS_FIBER_DATA 0x0004
/* What Tib.FiberData is in a thread that runs none. */
#define TEB_NO_FIBER ((void *)0x1E00)

#define TEB_ASSERT(type, field, x86_64, i386) \
    _Static_assert(offsetof(struct type, field) == TEB_OFFSET(x86_64, i386), #field)

TEB_ASSERT(teb, ThreadLocalStoragePointer, 0x58, 0x2c);
TEB_ASSERT(teb, ProcessEnvironmentBlock, 0x60, 0x30);
TEB_ASSERT(teb, LastErrorValue, 0x68, 0x34);
TEB_ASSERT(teb, CurrentLocale, 0x108, 0xc4);
TEB_ASSERT(teb, ExceptionCode, 0x2c0, 0x1a4);
TEB_ASSERT(teb, ActivationContextStackPointer, 0x2c8, 0x1a8);
TEB_ASSERT(teb, ForwarderCalled, 0x1830, 0xffc);
TEB_ASSERT(teb, LastStatusValue, 0x1250, 0xbf4);
TEB_ASSERT(teb, DeallocationStack, 0x1478, 0xe0c);
TEB_ASSERT(teb, TlsSlots, 0x1480, 0xe10);
TEB_ASSERT(teb, GuaranteedStackBytes, 0x1748, 0xf78);
TEB_ASSERT(teb, TlsExpansionSlots, 0x1780, 0xf94);
TEB_ASSERT(teb, ActiveFrame, 0x17c0, 0xfb0);
TEB_ASSERT(teb, FlsData, 0x17c8, 0xfb4);
TEB_ASSERT(teb, SameTebFlags, 0x17ee, 0xfca);
TEB_ASSERT(peb, ImageBaseAddress, 0x10, 0x08);
TEB_ASSERT(peb, ProcessHeap, 0x30, 0x18);
TEB_ASSERT(peb, NumberOfProcessors, 0xb8, 0x64);
TEB_ASSERT(peb, CriticalSectionTimeout, 0xc0, 0x70);
TEB_ASSERT(peb, LoaderLock, 0x110, 0xa0);
TEB_ASSERT(peb, OSMajorVersion, 0x118, 0xa4);
TEB_ASSERT(peb, OSBuildNumber, 0x120, 0xac);
TEB_ASSERT(peb, ImageSubsystem, 0x128, 0xb4);
TEB_ASSERT(peb, SessionId, 0x2c0, 0x1d4);

static inline struct teb *teb_current(void)
{
    struct teb *teb;
#ifdef __x86_64__
    __asm__("movq %%gs:0x30, %0" : "=r"(teb));
#else
    __asm__("movl %%fs:0x18, %0" : "=r"(teb));
#endif
    return teb;
}

/* The same block where a single field is wanted, in one instruction: teb_here->LastErrorValue. */
#ifdef __x86_64__
#define teb_here ((struct teb __seg_gs *)0)
#else
#define teb_here ((struct teb __seg_fs *)0)
#endif

/* The process has one environment block, in the executable's own zero-filled data. */
EXPORTED extern struct peb process_environment;

#endif
