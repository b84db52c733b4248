/* Security descriptors and access control lists as programs make them for the objects that they create. */
#include "check.h"

TEST(a_descriptor_with_a_list)
{
    SECURITY_DESCRIPTOR descriptor;
    BOOL present = 9, defaulted = 9;
    ACL list, *found = NULL;

    memset(&descriptor, 0xCC, sizeof descriptor);
    CHECK_ERROR(!InitializeSecurityDescriptor(&descriptor, 2), ERROR_UNKNOWN_REVISION);
    CHECK(InitializeSecurityDescriptor(&descriptor, SECURITY_DESCRIPTOR_REVISION));
    CHECK_EQ(descriptor.Revision, 1);
    CHECK_EQ(descriptor.Control, 0);
    CHECK_PTR(descriptor.Owner, 0);
    CHECK(IsValidSecurityDescriptor(&descriptor));
    CHECK(GetSecurityDescriptorDacl(&descriptor, &present, &found, &defaulted));
    CHECK_EQ(present, FALSE);
    CHECK(InitializeAcl(&list, sizeof list, ACL_REVISION));
    CHECK(SetSecurityDescriptorDacl(&descriptor, TRUE, &list, TRUE));
    CHECK_EQ(descriptor.Control, SE_DACL_PRESENT | SE_DACL_DEFAULTED);
    CHECK(GetSecurityDescriptorDacl(&descriptor, &present, &found, &defaulted));
    CHECK_EQ(present, TRUE);
    CHECK_EQ(defaulted, TRUE);
    CHECK_PTR(found, (ULONG_PTR)&list);
    CHECK(SetSecurityDescriptorDacl(&descriptor, TRUE, NULL, FALSE));
    CHECK_EQ(descriptor.Control, SE_DACL_PRESENT);
    CHECK(SetSecurityDescriptorDacl(&descriptor, FALSE, NULL, FALSE));
    CHECK_EQ(descriptor.Control, 0);
    descriptor.Revision = 9;
    CHECK_ERROR(!SetSecurityDescriptorDacl(&descriptor, TRUE, NULL, FALSE), ERROR_UNKNOWN_REVISION);
}

TEST(lists)
{
    char memory[64];
    ACL *list = (ACL *)memory;

    CHECK(InitializeAcl(list, 63, ACL_REVISION));
    CHECK_EQ(list->AclRevision, ACL_REVISION);
    UNLESS_WINE("Wine does not round")
    CHECK_EQ(list->AclSize, 60);
    CHECK_EQ(list->AceCount, 0);
    CHECK_ERROR(!InitializeAcl(list, sizeof *list - 1, ACL_REVISION), ERROR_INSUFFICIENT_BUFFER);
    CHECK_ERROR(!InitializeAcl(list, sizeof memory, 1), ERROR_INVALID_PARAMETER);
    CHECK_ERROR(!InitializeAcl(list, sizeof memory, 5), ERROR_INVALID_PARAMETER);
}

/* The usual way to let other users in. */
TEST(an_object_with_a_descriptor)
{
    SECURITY_DESCRIPTOR descriptor;
    SECURITY_ATTRIBUTES attributes = {sizeof attributes, &descriptor, FALSE};
    HANDLE event;

    CHECK(InitializeSecurityDescriptor(&descriptor, SECURITY_DESCRIPTOR_REVISION));
    CHECK(SetSecurityDescriptorDacl(&descriptor, TRUE, NULL, FALSE));
    event = CreateEventW(&attributes, FALSE, TRUE, L"litewin described");
    CHECK(event != NULL);
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    CHECK(CloseHandle(event));
}

int main(void)
{
    RUN(a_descriptor_with_a_list);
    RUN(lists);
    RUN(an_object_with_a_descriptor);
    return CHECK_END();
}
