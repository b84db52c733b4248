/* Identities, and what the process's token says of its user. */
#include "check.h"
#include <string.h>

static HANDLE open_token(DWORD access)
{
    HANDLE token = NULL;

    CHECK(OpenProcessToken(GetCurrentProcess(), access, &token));
    return token;
}

TEST(identities)
{
    SID_IDENTIFIER_AUTHORITY authority = SECURITY_NT_AUTHORITY;
    PSID sid = NULL, other = NULL;
    char copy[SECURITY_MAX_SID_SIZE];

    CHECK(AllocateAndInitializeSid(&authority, 2, SECURITY_BUILTIN_DOMAIN_RID, DOMAIN_ALIAS_RID_ADMINS, 0, 0,
                                   0, 0, 0, 0, &sid));
    CHECK(IsValidSid(sid));
    CHECK_EQ(GetLengthSid(sid), 16);
    CHECK_EQ(GetSidLengthRequired(2), 16);
    CHECK_EQ(*GetSidSubAuthorityCount(sid), 2);
    CHECK_EQ(*GetSidSubAuthority(sid, 1), DOMAIN_ALIAS_RID_ADMINS);
    CHECK_MEM(GetSidIdentifierAuthority(sid), &authority, sizeof authority);
    UNLESS_WINE("it sets no error") CHECK_ERROR(!CopySid(15, copy, sid), ERROR_INSUFFICIENT_BUFFER);
    CHECK(CopySid(16, copy, sid));
    CHECK(EqualSid(copy, sid));
    CHECK(AllocateAndInitializeSid(&authority, 1, SECURITY_LOCAL_SYSTEM_RID, 0, 0, 0, 0, 0, 0, 0, &other));
    CHECK(!EqualSid(sid, other));
    CHECK_ERROR(!AllocateAndInitializeSid(&authority, 9, 0, 0, 0, 0, 0, 0, 0, 0, &other), ERROR_INVALID_SID);
    *(BYTE *)copy = 9;
    CHECK(!IsValidSid(copy));
    CHECK_PTR(FreeSid(sid), NULL);
}

TEST(the_user)
{
    HANDLE token = open_token(TOKEN_QUERY);
    char buffer[256];
    TOKEN_USER *user = (TOKEN_USER *)buffer;
    DWORD needed = 0, again = 0;

    CHECK_ERROR(!GetTokenInformation(token, TokenUser, NULL, 0, &needed), ERROR_INSUFFICIENT_BUFFER);
    CHECK(needed > sizeof *user);
    CHECK_ERROR(!GetTokenInformation(token, TokenUser, buffer, needed - 1, &again),
                ERROR_INSUFFICIENT_BUFFER);
    CHECK_EQ(again, needed);
    CHECK(GetTokenInformation(token, TokenUser, buffer, sizeof buffer, &again));
    CHECK_EQ(again, needed);
    CHECK_PTR(user->User.Sid, buffer + sizeof *user);
    CHECK(IsValidSid(user->User.Sid));
    CHECK_EQ(GetLengthSid(user->User.Sid), needed - sizeof *user);
    CHECK_EQ(*GetSidSubAuthority(user->User.Sid, 0), SECURITY_NT_NON_UNIQUE);
    CHECK(CloseHandle(token));
}

static DWORD number_of(HANDLE token, TOKEN_INFORMATION_CLASS class)
{
    DWORD number = 0xdead, size = 0;

    CHECK(GetTokenInformation(token, class, &number, sizeof number, &size));
    CHECK_EQ(size, sizeof number);
    return number;
}

TEST(numbers)
{
    HANDLE token = open_token(TOKEN_QUERY), other = open_token(TOKEN_ADJUST_PRIVILEGES);
    DWORD size, number;

    CHECK_EQ(number_of(token, TokenType), TokenPrimary);
    CHECK_EQ(number_of(token, TokenSessionId), 1);
    CHECK(number_of(token, TokenElevation) <= 1);
    CHECK(number_of(token, TokenElevationType) >= TokenElevationTypeDefault);
    UNLESS_WINE("it has the right all the same")
    CHECK_ERROR(!GetTokenInformation(other, TokenType, &number, sizeof number, &size), ERROR_ACCESS_DENIED);
    CHECK_ERROR(!GetTokenInformation(NULL, TokenType, &number, sizeof number, &size), ERROR_INVALID_HANDLE);
    CHECK(CloseHandle(other));
    CHECK(CloseHandle(token));
}

TEST(integrity)
{
    HANDLE token = open_token(TOKEN_QUERY);
    char buffer[64];
    TOKEN_MANDATORY_LABEL *label = (TOKEN_MANDATORY_LABEL *)buffer;
    DWORD size;

    CHECK(GetTokenInformation(token, TokenIntegrityLevel, buffer, sizeof buffer, &size));
    CHECK_EQ(*GetSidSubAuthorityCount(label->Label.Sid), 1);
    CHECK(*GetSidSubAuthority(label->Label.Sid, 0) >= SECURITY_MANDATORY_MEDIUM_RID);
    CHECK(label->Label.Attributes & SE_GROUP_INTEGRITY);
    CHECK(CloseHandle(token));
}

int main(void)
{
    RUN(identities);
    RUN(the_user);
    RUN(numbers);
    RUN(integrity);
    return CHECK_END();
}
