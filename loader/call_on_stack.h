/* For code that must not count on the stack that the program has left it. */
#ifndef LOADER_CALL_ON_STACK_H
#define LOADER_CALL_ON_STACK_H

/* Calls the function on the stack that ends at `top`, a multiple of 16. */
void call_on_stack(void (*function)(void *first, void *second), void *first, void *second, char *top);

#endif
