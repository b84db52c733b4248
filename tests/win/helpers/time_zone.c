/* Says what the time zone is called and how far it is from UTC. */
#include <windows.h>
#include <stdio.h>

int main(void)
{
    DYNAMIC_TIME_ZONE_INFORMATION zone;

    GetDynamicTimeZoneInformation(&zone);
    printf("%ls, %ls, %ls, %d", zone.TimeZoneKeyName, zone.StandardName, zone.DaylightName, (int)zone.Bias);
    return 0;
}
