#include "CPhoneNumber.h"

#include <algorithm>
#include <cstddef>
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

// Digits of the longest number that is an emergency number anywhere, with room.
constexpr std::ptrdiff_t kLongestEmergencyNumber = 8;

// ASCII digits and the bytes of any others: more than there are is no harm.
std::ptrdiff_t digits(const std::string &text) {
    return std::count_if(text.begin(), text.end(), [](unsigned char byte) { return byte >= 0x80 || (byte >= '0' && byte <= '9'); });
}

int format(const PhoneNumber &number, char *e164) {
    std::string formatted;
    library().Format(number, PhoneNumberUtil::E164, &formatted);
    if (formatted.size() >= OUTPACE_E164_CAPACITY) return OUTPACE_NUMBER_TOO_LONG;
    std::memcpy(e164, formatted.c_str(), formatted.size() + 1);
    return OUTPACE_NUMBER_VALID;
}

int normalize(const std::string &text, const std::string &region, char *e164) {
    // Emergency numbers are too short to parse as numbers in most countries, so they are asked for first; what is longer than any
    // of them is not, for the question costs as much as half of the rest.
    if (digits(text) <= kLongestEmergencyNumber && shortNumbers().IsEmergencyNumber(text, region)) {
        return OUTPACE_NUMBER_EMERGENCY;
    }
    PhoneNumber number;
    const PhoneNumberUtil::ErrorType error = library().Parse(text, region, &number);
    if (error != PhoneNumberUtil::NO_PARSING_ERROR) return verdict(error);
    // A number is valid when it is of any type; asking for both would match it against every pattern twice.
    switch (library().GetNumberType(number)) {
    case PhoneNumberUtil::PREMIUM_RATE: return OUTPACE_NUMBER_PREMIUM;
    case PhoneNumberUtil::SHARED_COST: return OUTPACE_NUMBER_SHARED_COST;
    case PhoneNumberUtil::UNKNOWN: break;
    default: return format(number, e164);
    }
    switch (library().IsPossibleNumberWithReason(number)) {
    case PhoneNumberUtil::TOO_SHORT: return OUTPACE_NUMBER_TOO_SHORT;
    case PhoneNumberUtil::TOO_LONG: return OUTPACE_NUMBER_TOO_LONG;
    case PhoneNumberUtil::INVALID_COUNTRY_CODE: return OUTPACE_NUMBER_UNKNOWN_COUNTRY;
    default: return OUTPACE_NUMBER_INVALID;
    }
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
