/* Where a fiber and a thread's environment block have what SwitchToFiber exchanges; for its assembly. fiber.c
 * compares these numbers with the structures. */
#ifndef KERNEL32_FIBER_H
#define KERNEL32_FIBER_H

#ifdef __x86_64__

#define FIBER_EXCEPTION_LIST     0x08
#define FIBER_STACK_BASE         0x10
#define FIBER_STACK_LIMIT        0x18
#define FIBER_DEALLOCATION_STACK 0x20
#define FIBER_STACK_POINTER      0x28
#define FIBER_FLS_DATA           0x30
#define FIBER_ACTIVATION         0x38
#define FIBER_ACTIVE_FRAME       0x40
#define FIBER_GUARANTEE          0x48
#define FIBER_FLOAT_SWITCH       0x4c

#define TEB_EXCEPTION_LIST     0x00
#define TEB_STACK_BASE         0x08
#define TEB_STACK_LIMIT        0x10
#define TEB_FIBER_DATA         0x20
#define TEB_SELF               0x30
#define TEB_ACTIVATION         0x2c8
#define TEB_DEALLOCATION_STACK 0x1478
#define TEB_GUARANTEE          0x1748
#define TEB_ACTIVE_FRAME       0x17c0
#define TEB_FLS_DATA           0x17c8

#else

#define FIBER_EXCEPTION_LIST     0x04
#define FIBER_STACK_BASE         0x08
#define FIBER_STACK_LIMIT        0x0c
#define FIBER_DEALLOCATION_STACK 0x10
#define FIBER_STACK_POINTER      0x14
#define FIBER_FLS_DATA           0x18
#define FIBER_ACTIVATION         0x1c
#define FIBER_ACTIVE_FRAME       0x20
#define FIBER_GUARANTEE          0x24
#define FIBER_FLOAT_SWITCH       0x28

#define TEB_EXCEPTION_LIST     0x00
#define TEB_STACK_BASE         0x04
#define TEB_STACK_LIMIT        0x08
#define TEB_FIBER_DATA         0x10
#define TEB_SELF               0x18
#define TEB_ACTIVATION         0x1a8
#define TEB_DEALLOCATION_STACK 0xe0c
#define TEB_GUARANTEE          0xf78
#define TEB_ACTIVE_FRAME       0xfb0
#define TEB_FLS_DATA           0xfb4

#endif

#endif
