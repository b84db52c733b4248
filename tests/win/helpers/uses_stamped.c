/* Calls the DLL that pretends to be litewin's. */
__declspec(dllimport) int stamped_value(void);

int main(void)
{
    return stamped_value();
}
