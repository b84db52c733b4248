/* A DLL that comes late, goes, and comes again; where it would like to be, there is something else. */
__declspec(dllexport) int plug_total;

__declspec(dllexport) int plug_work(int value)
{
    plug_total += value;
    return plug_total * 2; /* mark: plug_work */
}
