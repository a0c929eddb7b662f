internal import Values

/// Names of files made from ids that may come from elsewhere.
enum FileName {
    /// An id as a part of a file name: letters, digits, `.`, `_` and `-` stay, every other byte becomes `%XX`, and
    /// a leading point too, so that no id can name another folder or a hidden file.
    ///
    /// Beyond 120 bytes the rest is replaced by a digest of the whole: file systems end at 255.
    static func part(_ id: String) -> String {
        var name = ""
        for (index, byte) in id.utf8.enumerated() {
            let plain =
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || (byte == UInt8(ascii: ".") && index > 0)
            name += plain ? String(UnicodeScalar(byte)) : "%" + hexadecimal([byte]).uppercased()
        }
        guard name.utf8.count > 120 else { return name.isEmpty ? "%" : name }
        return name.prefix(100) + "-" + SHA256Digest(of: id).hex.prefix(16)
    }
}

extension FileName {
    /// A file beside the page as a relative link: a percent sign of the name is not one of the address, and the
    /// leading `./` keeps a name with a colon from looking like a scheme.
    static func link(_ name: String) -> String {
        var link = "./"
        for character in name { link += character == "%" ? "%25" : String(character) }
        return link
    }
}
