/* The header as C99 reads it: what it makes of the structs is what the double says, and its functions link. */
#include "engine_abi.h"
#include "engine_double.h"
#include "layout.h"

#include <stdio.h>
#include <string.h>

#define PRINT_STRUCT(type) length += sprintf(text + length, #type " %u\n", (unsigned)sizeof(type));
#define PRINT_MEMBER(type, member) length += sprintf(text + length, #type "." #member " %u\n", (unsigned)offsetof(type, member));

int main(void) {
    char text[8192];
    int length = 0;
    ENGINE_LAYOUT(PRINT_STRUCT, PRINT_MEMBER)
    if (strcmp(text, engine_double_layout()) != 0) {
        printf("C99 has\n%s\nand the double has\n%s\n", text, engine_double_layout());
        return 1;
    }
    if (engine_abi_version() != ENGINE_ABI_VERSION) return 1;
    return 0;
}
