/* The tables by which programs call security packages. Each entry is the export of that name. */
#include <litewin/windows.h>
#define SECURITY_WIN32
#include <sspi.h>

#define VERSION 4
#define FUNCTIONS                                                                                      \
    ((sizeof(SecurityFunctionTableW) - offsetof(SecurityFunctionTableW, EnumerateSecurityPackagesW)) / \
     sizeof(void *))

/* In the order of the table. An asterisk stands where the name ends in A or W, and what has no name is
 * reserved. */
static const char names[][28] = {
    "EnumerateSecurityPackages*",
    "QueryCredentialsAttributes*",
    "AcquireCredentialsHandle*",
    "FreeCredentialsHandle",
    "",
    "InitializeSecurityContext*",
    "AcceptSecurityContext",
    "CompleteAuthToken",
    "DeleteSecurityContext",
    "ApplyControlToken",
    "QueryContextAttributes*",
    "ImpersonateSecurityContext",
    "RevertSecurityContext",
    "MakeSignature",
    "VerifySignature",
    "FreeContextBuffer",
    "QuerySecurityPackageInfo*",
    "EncryptMessage",
    "DecryptMessage",
    "ExportSecurityContext",
    "ImportSecurityContext*",
    "AddCredentials*",
    "",
    "QuerySecurityContextToken",
    "EncryptMessage",
    "DecryptMessage",
    "SetContextAttributes*",
    "SetCredentialsAttributes*",
    "ChangeAccountPassword*",
};

static FARPROC find(const char *name, char suffix)
{
    char full[sizeof names[0]];
    size_t length = strlen(name);
    memcpy(full, name, length + 1);
    if (length && full[length - 1] == '*')
        full[length - 1] = suffix;
    return length ? GetProcAddress(GetModuleHandleW(L"secur32.dll"), full) : NULL;
}

static void fill(FARPROC *functions, char suffix)
{
    for (size_t i = 0; i < ARRAYSIZE(names) && i < FUNCTIONS; i++)
        functions[i] = find(names[i], suffix);
}

PSecurityFunctionTableA WINAPI InitSecurityInterfaceA(void)
{
    static SecurityFunctionTableA table;
    fill((FARPROC *)&table.EnumerateSecurityPackagesA, 'A');
    table.dwVersion = VERSION;
    return &table;
}

PSecurityFunctionTableW WINAPI InitSecurityInterfaceW(void)
{
    static SecurityFunctionTableW table;
    fill((FARPROC *)&table.EnumerateSecurityPackagesW, 'W');
    table.dwVersion = VERSION;
    return &table;
}
