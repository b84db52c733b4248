"""Unwinds Windows code that has no DWARF call frame information, by its .pdata and .xdata. On i386 there is nothing
like it, and gdb's own ways are all there is."""
import gdb
from gdb.unwinder import Unwinder, register_unwinder

from . import inferior
from .modules import modules

REGISTERS = ['rax', 'rcx', 'rdx', 'rbx', 'rsp', 'rbp', 'rsi', 'rdi', *(f'r{n}' for n in range(8, 16))]
PRESERVED = ['rbx', 'rbp', 'rsi', 'rdi', 'r12', 'r13', 'r14', 'r15', *(f'xmm{n}' for n in range(6, 16))]
MASK = (1 << 64) - 1

PUSH, ALLOCATE_LARGE, ALLOCATE_SMALL, SET_FRAME, SAVE, SAVE_FAR, EPILOG, SPARE, SAVE_XMM, SAVE_XMM_FAR, MACHINE_FRAME = range(11)
CHAINED = 4

# How an epilogue may begin.
ADD_RSP_8, ADD_RSP_32 = b'\x48\x83\xc4', b'\x48\x81\xc4'


class State:
    """The registers of a frame, while they become its caller's. Integer registers have values, and where one was
    saved its place as well; of XMM registers, places are all that is known."""

    def __init__(self, read_register):
        self._read = read_register
        self.values, self.places = {}, {}

    def get(self, name):
        if name not in self.values:
            self.values[name] = self._read(name)
        return self.values[name]

    def load(self, name, address):
        value = inferior.read_word(address, 8)
        if value is None:
            raise gdb.MemoryError(f'no stack at {address:#x}')
        self.values[name] = value
        self.places[name] = address

    def pop(self, name):
        self.load(name, self.get('rsp'))
        self.values['rsp'] += 8

    def move_stack(self, size):
        self.values['rsp'] = self.get('rsp') + size


def unwind(image, base, pc, state):
    """Makes `state` the caller's; returns where the function begins."""
    function = image.function(pc - base)
    if not function:  # one that touches neither the stack nor what it must preserve
        state.pop('rip')
        return base
    start = base + function[0]
    if run_epilogue(pc, base + function[0], base + function[1], state):
        return start
    offset = pc - start
    while True:
        parent, interrupted = apply_codes(image, function[2], offset, state)
        if interrupted or not parent:
            break
        function, start, offset = parent, base + parent[0], 0x10000  # all of the parent's prologue has run
    if not interrupted:
        state.pop('rip')
    return start


def apply_codes(image, where, offset, state):
    """Undoes what the prologue has done up to `offset`. Returns the parent's (begin, end, information) or None, and
    whether an interrupt's frame gave the instruction pointer."""
    header = image.read(where, 4)
    flags, prologue, count, frame = header[0] >> 3, header[1], header[2], header[3]
    codes = image.read(where + 4, 2 * (count + count % 2) + 12)
    words = [int.from_bytes(codes[2 * i:2 * i + 2], 'little') for i in range(len(codes) // 2)]
    rsp = state.get('rsp')
    framed = frame & 15 and (offset >= prologue or any(
        word >> 8 & 15 == SET_FRAME and word & 255 <= offset for word in words[:count]))
    base = state.get(REGISTERS[frame & 15]) - (frame >> 4) * 16 if framed else rsp
    interrupted, i = False, 0
    while i < count:
        at, operation, extra = words[i] & 255, words[i] >> 8 & 15, words[i] >> 12
        used = slots(operation, extra)
        if at <= offset or offset >= prologue:
            if operation == MACHINE_FRAME:
                unwind_machine_frame(state, extra)
                interrupted = True
            else:
                undo(operation, extra, words[i + 1:i + used], base, state)
        i += used
    parent = None
    if flags & CHAINED:
        at = 2 * (count + count % 2)
        parent = tuple(int.from_bytes(codes[at + 4 * n:at + 4 * n + 4], 'little') for n in range(3))
    return parent, interrupted


def slots(operation, extra):
    if operation == ALLOCATE_LARGE:
        return 3 if extra else 2
    return {SAVE: 2, SAVE_FAR: 3, SAVE_XMM: 2, SAVE_XMM_FAR: 3, SPARE: 3}.get(operation, 1)


def undo(operation, extra, operand, base, state):
    number = sum(word << 16 * i for i, word in enumerate(operand))
    if operation == PUSH:
        state.pop(REGISTERS[extra])
    elif operation == ALLOCATE_LARGE:
        state.move_stack(number if extra else 8 * number)
    elif operation == ALLOCATE_SMALL:
        state.move_stack(8 * extra + 8)
    elif operation == SET_FRAME:
        state.values['rsp'] = base
    elif operation in (SAVE, SAVE_FAR):
        state.load(REGISTERS[extra], base + (number if operation == SAVE_FAR else 8 * number))
    elif operation in (SAVE_XMM, SAVE_XMM_FAR):
        state.places[f'xmm{extra}'] = base + (number if operation == SAVE_XMM_FAR else 16 * number)


def unwind_machine_frame(state, has_error_code):
    state.move_stack(8 if has_error_code else 0)
    frame = state.get('rsp')
    state.load('rip', frame)
    state.load('rsp', frame + 24)


def run_epilogue(pc, begin, end, state):
    """What is left of the function where it has begun to undo its prologue; false elsewhere."""
    code = inferior.read(pc, min(end - pc, 64))
    if not code:
        return False
    steps, at = [], 0
    rsp = state.get('rsp')
    moved = move_in_epilogue(code, state)
    if moved:
        at, rsp = moved
    while at < len(code):
        if 0x58 <= code[at] <= 0x5f:
            steps.append(REGISTERS[code[at] - 0x58])
            at += 1
        elif code[at] & 0xfe == 0x40 and at + 1 < len(code) and 0x58 <= code[at + 1] <= 0x5f:
            steps.append(REGISTERS[code[at + 1] - 0x58 + 8 * (code[at] & 1)])
            at += 2
        else:
            break
    if not returns(code[at:], pc + at, begin, end):
        return False
    state.values['rsp'] = rsp
    for name in steps:
        state.pop(name)
    state.pop('rip')
    return True


def move_in_epilogue(code, state):
    """(length, new stack pointer) of an instruction that gives the frame back, or None."""
    if code[:3] == ADD_RSP_8:
        return 4, state.get('rsp') + int.from_bytes(code[3:4], 'little', signed=True)
    if code[:3] == ADD_RSP_32:
        return 7, state.get('rsp') + int.from_bytes(code[3:7], 'little', signed=True)
    if len(code) > 3 and code[0] & 0xfe == 0x48 and code[1] == 0x8d and code[2] & 0x38 == 0x20 and code[2] & 7 != 4:
        base = state.get(REGISTERS[(code[2] & 7) + 8 * (code[0] & 1)])
        if code[2] >> 6 == 1:
            return 4, base + int.from_bytes(code[3:4], 'little', signed=True)
        if code[2] >> 6 == 2:
            return 7, base + int.from_bytes(code[3:7], 'little', signed=True)
    return None


def returns(code, pc, begin, end):
    """True where code returns, or jumps out of the function."""
    if code[:1] in (b'\xc3', b'\xc2') or code[:2] in (b'\xf3\xc3', b'\xff\x25', b'\x48\xff'):
        return True
    for opcode, size in (b'\xeb', 1), (b'\xe9', 4):
        if code[:1] == opcode and len(code) > size:
            target = pc + 1 + size + int.from_bytes(code[1:1 + size], 'little', signed=True)
            return not begin <= target < end
    return False


class FrameId:
    def __init__(self, sp, pc):
        self.sp, self.pc = sp, pc


class WindowsUnwinder(Unwinder):
    def __init__(self):
        super().__init__('litewin')

    def __call__(self, frame):
        if frame.architecture().name() != 'i386:x86-64':
            return None
        pc = int(frame.read_register('rip'))
        module = modules.at(pc)
        if not module or not module.image or not module.image.is_64bit or module.image.is_described(pc - module.base):
            return None
        state = State(lambda name: int(frame.read_register(name)) & MASK)
        try:
            start = unwind(module.image, module.base, pc, state)
        except (gdb.MemoryError, IndexError):
            return None
        return describe(frame, state, start)


def describe(frame, state, start):
    """gdb takes a register that it is not told of for lost."""
    info = frame.create_unwind_info(FrameId(gdb.Value(state.get('rsp')), gdb.Value(start)))
    for name in ['rip', 'rsp', *state.places, *PRESERVED]:
        value = previous(frame.read_register(name), name, state)
        if value is not None and not value.is_optimized_out:
            info.add_saved_register(name, value)
    return info


def previous(register, name, state):
    if name in state.values:
        return gdb.Value((state.values[name] & MASK).to_bytes(8, 'little'), register.type)
    if name not in state.places:
        return register
    data = inferior.read(state.places[name], 16)
    return gdb.Value(data, register.type) if data else None


register_unwinder(None, WindowsUnwinder(), replace=True)
