/* What a token says of whom it stands for: the one user that there is, whatever Linux calls him. */
#include <unistd.h>
#include "dlls/kernel32/error.h"
#include "kernel/handle.h"
#include "kernel/token.h"

#define SUB_AUTHORITIES 5

/* A SID of up to five parts. */
struct identity {
    BYTE revision, count;
    SID_IDENTIFIER_AUTHORITY authority;
    DWORD parts[SUB_AUTHORITIES];
};

#define NT_AUTHORITY         \
    {                        \
        {                    \
            0, 0, 0, 0, 0, 5 \
        }                    \
    }
#define INTEGRITY_AUTHORITY   \
    {                         \
        {                     \
            0, 0, 0, 0, 0, 16 \
        }                     \
    }

/* The user's key in the registry has the same. */
static const struct identity user = {SID_REVISION, 5, NT_AUTHORITY, {SECURITY_NT_NON_UNIQUE, 0, 0, 0, 1000}};
static const struct identity users = {SID_REVISION, 5, NT_AUTHORITY, {SECURITY_NT_NON_UNIQUE, 0, 0, 0, 513}};
static const struct identity medium = {SID_REVISION, 1, INTEGRITY_AUTHORITY, {SECURITY_MANDATORY_MEDIUM_RID}};
static const struct identity high = {SID_REVISION, 1, INTEGRITY_AUTHORITY, {SECURITY_MANDATORY_HIGH_RID}};

/* Everything but the identity, which follows it in the caller's buffer. */
struct answer {
    union {
        SID_AND_ATTRIBUTES owner; /* begins with the pointer to the identity, as all that have one do */
        DWORD number;
    };
    DWORD size;
    const struct identity *identity; /* NULL: a number */
};

static void answer_number(struct answer *answer, DWORD number)
{
    answer->number = number;
    answer->size = sizeof answer->number;
}

static void answer_identity(struct answer *answer, const struct identity *identity, DWORD size,
                            DWORD attributes)
{
    answer->identity = identity;
    answer->size = size;
    answer->owner.Attributes = attributes;
}

static bool is_elevated(void)
{
    return geteuid() == 0;
}

static bool find_answer(TOKEN_INFORMATION_CLASS class, struct answer *answer)
{
    switch (class) {
    case TokenUser:
        answer_identity(answer, &user, sizeof(TOKEN_USER), 0);
        return true;
    case TokenOwner:
        answer_identity(answer, &user, sizeof(TOKEN_OWNER), 0);
        return true;
    case TokenPrimaryGroup:
        answer_identity(answer, &users, sizeof(TOKEN_PRIMARY_GROUP), 0);
        return true;
    case TokenIntegrityLevel:
        answer_identity(answer, is_elevated() ? &high : &medium, sizeof(TOKEN_MANDATORY_LABEL),
                        SE_GROUP_INTEGRITY | SE_GROUP_INTEGRITY_ENABLED);
        return true;
    case TokenType:
        answer_number(answer, TokenPrimary);
        return true;
    case TokenSessionId:
        answer_number(answer, 1);
        return true;
    case TokenElevationType:
        answer_number(answer, TokenElevationTypeDefault);
        return true;
    case TokenElevation:
        answer_number(answer, is_elevated());
        return true;
    case TokenUIAccess:
    case TokenVirtualizationAllowed:
    case TokenVirtualizationEnabled:
    case TokenIsAppContainer:
        answer_number(answer, FALSE);
        return true;
    default:
        return false;
    }
}

static BOOL fail(DWORD error)
{
    SetLastError(error);
    return FALSE;
}

static BOOL give(struct answer *answer, void *buffer, DWORD size, DWORD *needed)
{
    DWORD length = answer->identity ? GetLengthSid((PSID)answer->identity) : 0;
    *needed = answer->size + length;
    if (size < *needed || !buffer)
        return fail(ERROR_INSUFFICIENT_BUFFER);
    if (answer->identity) {
        answer->owner.Sid = (char *)buffer + answer->size;
        memcpy(answer->owner.Sid, answer->identity, length);
    }
    memcpy(buffer, answer, answer->size);
    return TRUE;
}

BOOL WINAPI GetTokenInformation(HANDLE token, TOKEN_INFORMATION_CLASS class, LPVOID buffer, DWORD size,
                                PDWORD needed)
{
    void *object;
    struct answer answer = {0};
    if (!needed)
        return fail(ERROR_NOACCESS);
    if (!set_last_status(handle_reference(token, &token_type, TOKEN_QUERY, &object)))
        return FALSE;
    object_release(object);
    if (!class || class >= MaxTokenInfoClass)
        return fail(ERROR_INVALID_PARAMETER);
    return find_answer(class, &answer) ? give(&answer, buffer, size, needed) : fail(ERROR_NOT_SUPPORTED);
}
