"""Unwinds Windows code that has no DWARF call frame information, by its .pdata and .xdata. On i386 there is nothing
like it, and gdb's own ways are all there is."""
import re
import struct

import gdb
from gdb.unwinder import Unwinder, register_unwinder

from . import dynamic, inferior
from .modules import modules

REGISTERS = ['rax', 'rcx', 'rdx', 'rbx', 'rsp', 'rbp', 'rsi', 'rdi', *(f'r{n}' for n in range(8, 16))]
PRESERVED = ['rbx', 'rbp', 'rsi', 'rdi', 'r12', 'r13', 'r14', 'r15', *(f'xmm{n}' for n in range(6, 16))]
MASK = (1 << 64) - 1

(PUSH, ALLOCATE_LARGE, ALLOCATE_SMALL, SET_FRAME, SAVE, SAVE_FAR, EPILOG, SPARE, SAVE_XMM, SAVE_XMM_FAR,
 MACHINE_FRAME) = range(11)
CHAINED = 4
LONGEST_CHAIN = 32


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


class Information:
    """A function's UNWIND_INFO."""

    def __init__(self, image, function):
        self.begin, self.end, where = function
        first, self.prologue, count, frame = image.read(where, 4)
        self.frame_register, self.frame_offset = REGISTERS[frame & 15] if frame & 15 else None, (frame >> 4) * 16
        size = 2 * (count + count % 2)
        data = image.read(where + 4, size + (12 if first >> 3 & CHAINED else 0))
        self.codes = list(decode(struct.unpack_from(f'<{count}H', data)))
        self.parent = struct.unpack_from('<III', data, size) if first >> 3 & CHAINED else None

    def frame(self, offset, state):
        """What places on the stack are relative to. A frame register counts once the prologue has set it."""
        is_set = offset >= self.prologue or any(code == SET_FRAME and at <= offset for at, code, _, _ in self.codes)
        if not self.frame_register or not is_set:
            return state.get('rsp')
        return state.get(self.frame_register) - self.frame_offset


def decode(words):
    """(offset in the prologue, code, its small operand, its large operand) of each."""
    i = 0
    while i < len(words):
        at, code, extra = words[i] & 255, words[i] >> 8 & 15, words[i] >> 12
        used = (3 if extra else 2) if code == ALLOCATE_LARGE else SLOTS.get(code, 1)
        yield at, code, extra, sum(word << 16 * n for n, word in enumerate(words[i + 1:i + used]))
        i += used


SLOTS = {SAVE: 2, SAVE_FAR: 3, SPARE: 3, SAVE_XMM: 2, SAVE_XMM_FAR: 3}


def unwind(image, base, pc, state):
    """Makes `state` the caller's; returns where the function begins."""
    function = image.function(pc - base)
    if not function:  # one that touches neither the stack nor what it must preserve
        state.pop('rip')
        return base
    chain = [Information(image, function)]
    while chain[-1].parent and len(chain) < LONGEST_CHAIN:
        chain.append(Information(image, chain[-1].parent))
    offset = pc - base - chain[0].begin
    if offset < chain[0].prologue or not run_epilogue(pc, base, chain, state):
        undo_prologues(chain, offset, state)
    return base + chain[-1].begin


def undo_prologues(chain, offset, state):
    frame = chain[0].frame(offset, state)
    for information in chain:
        for at, code, extra, operand in information.codes:
            if at <= offset:
                undo(code, extra, operand, frame, state)
        offset = 255  # the parents' prologues have run
    if 'rip' not in state.values:  # which is there where an interrupt has left it
        state.pop('rip')


def undo(code, extra, operand, frame, state):
    if code == PUSH:
        state.pop(REGISTERS[extra])
    elif code == ALLOCATE_LARGE:
        state.move_stack(operand if extra else 8 * operand)
    elif code == ALLOCATE_SMALL:
        state.move_stack(8 * extra + 8)
    elif code == SET_FRAME:
        state.values['rsp'] = frame
    elif code in (SAVE, SAVE_FAR):
        state.load(REGISTERS[extra], frame + (operand if code == SAVE_FAR else 8 * operand))
    elif code in (SAVE_XMM, SAVE_XMM_FAR):
        state.places[f'xmm{extra}'] = frame + (operand if code == SAVE_XMM_FAR else 16 * operand)
    elif code == MACHINE_FRAME:
        state.move_stack(8 if extra else 0)
        interrupted = state.get('rsp')
        state.load('rip', interrupted)
        state.load('rsp', interrupted + 24)


# Epilogues: recognised by their code, which may hold nothing but what follows

def run_epilogue(pc, base, chain, state):
    """What is left of the function where it has begun to undo its prologue; false elsewhere."""
    code = inferior.read(pc, 64) or inferior.read(pc, base + chain[0].end - pc) or b''
    at, rsp = skip_release(code, chain[0].frame_register, state)
    popped = []
    while pop := POP.match(code, at):
        popped.append(REGISTERS[(pop[0][-1] & 7) + (8 if len(pop[0]) == 2 and pop[0][0] & 1 else 0)])
        at = pop.end()
    has_frame = chain[0].codes or chain[0].parent
    if not ends(code[at:], pc + at - base, chain) or (at and not has_frame):
        return False
    state.values['rsp'] = rsp
    for name in [*popped, 'rip']:
        state.pop(name)
    return True


POP = re.compile(rb'[\x40-\x4f]?[\x58-\x5f]', re.S)


def signed(data):
    return int.from_bytes(data, 'little', signed=True)


def skip_release(code, frame_register, state):
    """(length, stack pointer behind it) of an instruction that gives the fixed allocation back."""
    rsp = state.get('rsp')
    if code[:3] == b'\x48\x83\xc4':  # add $imm8, %rsp
        return 4, rsp + signed(code[3:4])
    if code[:3] == b'\x48\x81\xc4':  # add $imm32, %rsp
        return 7, rsp + signed(code[3:7])
    if len(code) < 7 or code[0] & 0xfe != 0x48 or code[1] != 0x8d or code[2] & 0x38 != 0x20:  # lea ..., %rsp
        return 0, rsp
    number, mode = (code[2] & 7) + 8 * (code[0] & 1), code[2] >> 6
    if REGISTERS[number] != frame_register or number & 7 == 4 or mode == 3 or mode == 0 and number & 7 == 5:
        return 0, rsp
    size = {0: 0, 1: 1, 2: 4}[mode]
    return 3 + size, state.get(frame_register) + signed(code[3:3 + size])


def ends(code, at, chain):
    """True where code at that place in the image returns, or jumps out of the function."""
    if code[:1] in (b'\xc3', b'\xc2') or code[:2] in (b'\xf3\xc3', b'\xf2\xc3', b'\xff\x25'):
        return True
    if code[:1] == b'\xeb':
        return leaves(at + 2 + signed(code[1:2]), chain)
    if code[:1] == b'\xe9':
        return leaves(at + 5 + signed(code[1:5]), chain)
    return len(code) > 2 and code[0] & 0xf8 == 0x48 and code[1] == 0xff and code[2] & 0x38 == 0x20  # jmp, with REX.W


def leaves(target, chain):
    """A jump inside the function ends no epilogue, unless it is a call of itself."""
    own, primary = chain[0], chain[-1]
    if target == primary.begin:
        return True
    return not own.begin <= target < own.end and not primary.begin <= target < primary.end


# Gdb's side

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
        image, base = find(pc)
        if not image or image.is_described(pc - base):
            return None
        state = State(lambda name: int(frame.read_register(name)) & MASK)
        try:
            start = unwind(image, base, pc, state)
        except (gdb.MemoryError, ValueError, struct.error):
            return None
        return describe(frame, state, start)


def find(pc):
    """What has unwind data of an address, and where it lies; or None."""
    module = modules.at(pc)
    if module:
        return module.image, module.base
    code = dynamic.at(pc)
    return (code, code.base) if code else (None, 0)


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
