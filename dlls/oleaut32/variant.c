#include "dlls/oleaut32/automation.h"

void WINAPI VariantInit(VARIANTARG *variant)
{
    memset(variant, 0, sizeof *variant);
}

/* Types whose value is the variant's own, without anything behind it. Arrays and records are not among what
 * anybody can have made here. */
static bool is_plain(VARTYPE type)
{
    return type <= VT_DATE || (type >= VT_ERROR && type <= VT_BOOL) || type == VT_DECIMAL ||
           (type >= VT_I1 && type <= VT_UINT);
}

static bool is_known(VARTYPE type)
{
    if (type & VT_BYREF)
        return !(type & ~(VT_BYREF | VT_TYPEMASK));
    return is_plain(type) || type == VT_BSTR || type == VT_UNKNOWN || type == VT_DISPATCH;
}

static bool is_interface(const VARIANTARG *variant)
{
    return (variant->vt == VT_UNKNOWN || variant->vt == VT_DISPATCH) && variant->punkVal;
}

HRESULT WINAPI VariantClear(VARIANTARG *variant)
{
    if (!is_known(variant->vt))
        return DISP_E_BADVARTYPE;
    if (variant->vt == VT_BSTR)
        SysFreeString(variant->bstrVal);
    else if (is_interface(variant))
        variant->punkVal->lpVtbl->Release(variant->punkVal);
    variant->vt = VT_EMPTY;
    return S_OK;
}

HRESULT WINAPI VariantCopy(VARIANTARG *to, VARIANTARG *from)
{
    if (to == from)
        return S_OK;
    if (!is_known(from->vt))
        return DISP_E_BADVARTYPE;
    VARIANTARG copy = *from;
    if (from->vt == VT_BSTR && from->bstrVal) {
        copy.bstrVal = SysAllocStringByteLen((LPCSTR)from->bstrVal, SysStringByteLen(from->bstrVal));
        if (!copy.bstrVal)
            return E_OUTOFMEMORY;
    }
    HRESULT result = VariantClear(to);
    if (result < 0) {
        if (copy.vt == VT_BSTR)
            SysFreeString(copy.bstrVal);
        return result;
    }
    if (is_interface(&copy))
        copy.punkVal->lpVtbl->AddRef(copy.punkVal);
    *to = copy;
    return S_OK;
}
