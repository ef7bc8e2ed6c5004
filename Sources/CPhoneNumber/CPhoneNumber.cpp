#include "CPhoneNumber.h"

#include <cstring>
#include <set>
#include <string>

#include <phonenumbers/phonenumber.pb.h>
#include <phonenumbers/phonenumberutil.h>
#include <phonenumbers/shortnumberinfo.h>

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;
using i18n::phonenumbers::ShortNumberInfo;

namespace {

// The library logs parse failures to standard output at a level it is not compiled to skip; nothing here reads them.
const PhoneNumberUtil &library() { return *PhoneNumberUtil::GetInstance(); }

const ShortNumberInfo &shortNumbers() {
    static const ShortNumberInfo info;
    return info;
}

int verdict(PhoneNumberUtil::ErrorType error) {
    switch (error) {
    case PhoneNumberUtil::NO_PARSING_ERROR: return OUTPACE_NUMBER_VALID;
    case PhoneNumberUtil::INVALID_COUNTRY_CODE_ERROR: return OUTPACE_NUMBER_UNKNOWN_COUNTRY;
    case PhoneNumberUtil::TOO_SHORT_AFTER_IDD:
    case PhoneNumberUtil::TOO_SHORT_NSN: return OUTPACE_NUMBER_TOO_SHORT;
    case PhoneNumberUtil::TOO_LONG_NSN: return OUTPACE_NUMBER_TOO_LONG;
    default: return OUTPACE_NUMBER_NOT_A_NUMBER;
    }
}

int normalize(const std::string &text, const std::string &region, char *e164) {
    // Emergency numbers are too short to parse as numbers in most countries, so they are asked for first.
    if (shortNumbers().IsEmergencyNumber(text, region)) return OUTPACE_NUMBER_EMERGENCY;
    PhoneNumber number;
    const PhoneNumberUtil::ErrorType error = library().Parse(text, region, &number);
    if (error != PhoneNumberUtil::NO_PARSING_ERROR) return verdict(error);
    if (!library().IsValidNumber(number)) {
        switch (library().IsPossibleNumberWithReason(number)) {
        case PhoneNumberUtil::TOO_SHORT: return OUTPACE_NUMBER_TOO_SHORT;
        case PhoneNumberUtil::TOO_LONG: return OUTPACE_NUMBER_TOO_LONG;
        case PhoneNumberUtil::INVALID_COUNTRY_CODE: return OUTPACE_NUMBER_UNKNOWN_COUNTRY;
        default: return OUTPACE_NUMBER_INVALID;
        }
    }
    switch (library().GetNumberType(number)) {
    case PhoneNumberUtil::PREMIUM_RATE: return OUTPACE_NUMBER_PREMIUM;
    case PhoneNumberUtil::SHARED_COST: return OUTPACE_NUMBER_SHARED_COST;
    default: break;
    }
    std::string formatted;
    library().Format(number, PhoneNumberUtil::E164, &formatted);
    if (formatted.size() >= OUTPACE_E164_CAPACITY) return OUTPACE_NUMBER_TOO_LONG;
    std::memcpy(e164, formatted.c_str(), formatted.size() + 1);
    return OUTPACE_NUMBER_VALID;
}

}  // namespace

extern "C" int outpace_number_normalize(const char *text, size_t length, const char *region, char *e164) {
    // An exception must not cross into Swift, which cannot catch it.
    try {
        return normalize(std::string(text, length), std::string(region, 2), e164);
    } catch (...) {
        return OUTPACE_NUMBER_NOT_A_NUMBER;
    }
}

extern "C" int outpace_number_knows_region(const char *region) {
    try {
        std::set<std::string> regions;
        library().GetSupportedRegions(&regions);
        return regions.count(std::string(region, 2)) != 0 ? 1 : 0;
    } catch (...) {
        return 0;
    }
}
