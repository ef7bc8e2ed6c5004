import COpenSSL

/// The lower-case hexadecimal MD5 of a text; `nil` where the crypto library has MD5 switched off.
///
/// Weak as a hash, but it is what AMI's challenge asks for, and better than the secret itself on the wire.
func md5Hexadecimal(_ text: String) -> String? {
    guard let context = EVP_MD_CTX_new() else { return nil }
    defer { EVP_MD_CTX_free(context) }
    guard EVP_DigestInit_ex(context, EVP_md5(), nil) == 1 else { return nil }
    let bytes = Array(text.utf8)
    guard EVP_DigestUpdate(context, bytes, bytes.count) == 1 else { return nil }
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var length: UInt32 = 0
    guard EVP_DigestFinal_ex(context, &digest, &length) == 1 else { return nil }
    let digits = Array("0123456789abcdef".utf8)
    return String(
        decoding: digest.prefix(Int(length)).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
        as: UTF8.self
    )
}
