"""For gdb: follows a program instruction by instruction and counts the places where no way leads back to main."""
import gdb

STEPS = 250


def names():
    frame = gdb.newest_frame()
    while frame:
        yield frame.name()
        frame = frame.older()


def follow():
    lost = []
    for _ in range(STEPS):
        gdb.execute('stepi', to_string=True)
        if gdb.newest_frame().name() == 'main':
            break
        if 'main' not in names():
            lost.append(f'{gdb.newest_frame().pc():#x}')
    gdb.write(f'\nlost at {len(lost)} places: {" ".join(lost[:10])}\n')


follow()
