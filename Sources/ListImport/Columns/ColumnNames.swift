import DialerModel

/// What CRMs call the fields of a contact.
enum ColumnNames {
    /// The target of a heading; nil when nothing is known by that name.
    static func target(of heading: String) -> ColumnTarget? {
        let key = self.key(heading)
        if let target = self.synonyms[key] { return target }
        // phone2, telephone 3, number_4 …
        guard let last = key.last, let index = Int(String(last)), (1...8).contains(index) else { return nil }
        return self.numberWords.contains(String(key.dropLast())) ? .number(index) : nil
    }

    /// Letters and digits in lower case.
    static func key(_ heading: String) -> String {
        String(
            heading.lowercased().unicodeScalars.filter {
                $0.properties.isAlphabetic || $0.properties.numericType != nil
            })
    }

    /// A heading as a channel variable's name: other characters become underscores.
    static func variableName(_ heading: String) -> String? {
        var name = ""
        for scalar in heading.unicodeScalars {
            let isWord = scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
            name.append(isWord || scalar == "_" ? Character(scalar) : "_")
        }
        if let first = name.first, first.isNumber { name = "_" + name }
        return VariableName.isValid(name) && name.contains { $0 != "_" } ? name : nil
    }

    private static let numberWords: Set<String> = [
        "number", "phone", "phonenumber", "telephone", "tel", "telefon", "mobile", "cell", "phoneno", "telefono",
        "msisdn",
    ]

    private static let synonyms: [String: ColumnTarget] = {
        var names: [String: ColumnTarget] = [:]
        func add(_ target: ColumnTarget, _ headings: String...) {
            for heading in headings { names[heading] = target }
        }
        add(.name, "name", "fullname", "contact", "contactname", "customer", "customername", "nombre")
        add(.detail, "detail", "details", "description", "note", "notes", "comment", "comments", "remark", "remarks")
        add(.ukey, "ukey", "id", "key", "customerid", "contactid", "leadid", "externalid", "reference", "ref", "crmid")
        add(.ukey, "kundennummer", "recordid")
        add(.email, "email", "emailaddress", "mail")
        add(.reservedTarget, "resvtarget")
        add(.priority, "priority", "prio", "prioritaet", "priorität", "prioridad")
        add(.variables, "variables")
        add(.number(1), "number", "phone", "phonenumber", "telephone", "tel", "telefon", "telefonnummer", "msisdn")
        add(.number(1), "primaryphone", "mainphone", "phoneno", "telefono", "telephonenumber")
        add(.number(2), "mobile", "mobilephone", "cell", "cellphone", "mobil", "handy", "movil", "mobilenumber")
        add(.number(3), "workphone", "businessphone", "officephone", "work")
        add(.number(4), "homephone", "home", "privatephone")
        // What an export says about a contact and no upload sets.
        add(.ignored, "uuid", "dlmauuid", "inuse", "status", "dialinguuid", "dialingcampuuid", "dialingplanuuid")
        add(.ignored, "resdial", "resdialdetail", "reshangup", "reshangupdetail", "numberoriginals")
        add(.ignored, "tmcreate", "tmdelete", "tmupdate", "tmlastdial", "tmlasthangup")
        for index in 1...8 { add(.ignored, "trycnt\(index)") }
        return names
    }()
}
