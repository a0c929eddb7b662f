/// The parts of a workbook beside its rows. No dates, no program name: the same rows give the same bytes.
enum WorkbookParts {
    private static let head = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
    private static let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    private static let relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    private static let package = "http://schemas.openxmlformats.org/package/2006"

    /// Name and text of each.
    /// - Parameter heading: columns of the sheets with rows, which all but the last one are.
    static func files(sheets: [String], heading columns: Int) -> [(name: String, text: String)] {
        [
            ("xl/workbook.xml", workbook(sheets, columns)), ("xl/_rels/workbook.xml.rels", relations(sheets)),
            ("xl/styles.xml", styles), ("[Content_Types].xml", contentTypes(sheets)),
            (
                "_rels/.rels",
                head + "<Relationships xmlns=\"\(package)/relationships\"><Relationship Id=\"rId1\" "
                    + "Type=\"\(relation)/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ]
    }

    /// A name that sheets may have: 31 characters, none of `[]:*?/\`, not one that is there.
    static func sheetName(_ title: String, among others: [String]) -> String {
        let clean = String(title.map { "[]:*?/\\'".contains($0) ? " " : $0 })
        let name = String(clean.prefix(31))
        return others.contains(name) ? String(clean.prefix(28)) + " \(others.count + 1)" : name
    }

    static func sheetHead(widths: [Int], frozen: Bool) -> String {
        var text = head + "<worksheet xmlns=\"\(main)\"><sheetPr><pageSetUpPr fitToPage=\"1\"/></sheetPr><sheetViews>"
        text += "<sheetView workbookViewId=\"0\">"
        if frozen { text += "<pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/>" }
        text += "</sheetView></sheetViews><cols>"
        for (index, width) in widths.enumerated() {
            text += "<col min=\"\(index + 1)\" max=\"\(index + 1)\" width=\"\(width)\" customWidth=\"1\"/>"
        }
        return text + "</cols><sheetData>\n"
    }

    /// As wide as a page lies, as many pages as it takes.
    static let sheetTail =
        "<pageMargins left=\"0.5\" right=\"0.5\" top=\"0.6\" bottom=\"0.6\" header=\"0.3\" footer=\"0.3\"/>"
        + "<pageSetup paperSize=\"9\" orientation=\"landscape\" fitToWidth=\"1\" fitToHeight=\"0\"/>"
        + "<headerFooter><oddFooter>&amp;L&amp;A&amp;R&amp;P / &amp;N</oddFooter></headerFooter></worksheet>"

    private static func workbook(_ sheets: [String], _ columns: Int) -> String {
        var text = head + "<workbook xmlns=\"\(main)\" xmlns:r=\"\(relation)\"><sheets>"
        for (index, name) in sheets.enumerated() {
            text += "<sheet name=\""
            Markup.escape(name, to: &text)
            text += "\" sheetId=\"\(index + 1)\" r:id=\"rId\(index + 1)\"/>"
        }
        text += "</sheets><definedNames>"
        // The heading on every printed page.
        for (index, name) in sheets.dropLast().enumerated() {
            text += "<definedName name=\"_xlnm.Print_Titles\" localSheetId=\"\(index)\">'"
            Markup.escape(name, to: &text)
            text += "'!$1:$1</definedName>"
        }
        return text + "</definedNames></workbook>"
    }

    private static func relations(_ sheets: [String]) -> String {
        var text = head + "<Relationships xmlns=\"\(package)/relationships\">"
        for index in sheets.indices {
            text += "<Relationship Id=\"rId\(index + 1)\" Type=\"\(relation)/worksheet\" "
            text += "Target=\"worksheets/sheet\(index + 1).xml\"/>"
        }
        text += "<Relationship Id=\"rId\(sheets.count + 1)\" Type=\"\(relation)/styles\" Target=\"styles.xml\"/>"
        return text + "</Relationships>"
    }

    private static func contentTypes(_ sheets: [String]) -> String {
        let type = "application/vnd.openxmlformats-officedocument.spreadsheetml"
        var text = head + "<Types xmlns=\"\(package)/content-types\">"
        text += "<Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>"
        text += "<Default Extension=\"xml\" ContentType=\"application/xml\"/>"
        text += "<Override PartName=\"/xl/workbook.xml\" ContentType=\"\(type).sheet.main+xml\"/>"
        text += "<Override PartName=\"/xl/styles.xml\" ContentType=\"\(type).styles+xml\"/>"
        for index in sheets.indices {
            text +=
                "<Override PartName=\"/xl/worksheets/sheet\(index + 1).xml\" ContentType=\"\(type).worksheet+xml\"/>"
        }
        return text + "</Types>"
    }

    /// The formats in the order of ``SheetCell/Style``.
    static let styles: String = {
        let formats = ["yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "#,##0", "#,##0.0", "#,##0.00", "#,##0.000", "#,##0.0000"]
        var text = head + "<styleSheet xmlns=\"\(main)\"><numFmts count=\"\(formats.count)\">"
        for (index, format) in formats.enumerated() {
            text += "<numFmt numFmtId=\"\(164 + index)\" formatCode=\"\(format)\"/>"
        }
        text += "</numFmts><fonts count=\"2\"><font><sz val=\"11\"/><name val=\"Calibri\"/></font>"
        text += "<font><b/><sz val=\"11\"/><name val=\"Calibri\"/></font></fonts>"
        text += "<fills count=\"2\"><fill><patternFill patternType=\"none\"/></fill>"
        text += "<fill><patternFill patternType=\"gray125\"/></fill></fills>"
        text += "<borders count=\"1\"><border><left/><right/><top/><bottom/><diagonal/></border></borders>"
        text += "<cellStyleXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/></cellStyleXfs>"
        // plain, heading, integer, day, instant, percent, quoted, then money by its decimals.
        let cells: [(format: Int, extra: String)] =
            [
                (0, ""), (0, " applyFont=\"1\""), (0, ""), (164, ""), (165, ""), (10, ""), (49, " quotePrefix=\"1\""),
            ] + (166...170).map { ($0, "") }
        text += "<cellXfs count=\"\(cells.count)\">"
        for (index, cell) in cells.enumerated() {
            text +=
                "<xf numFmtId=\"\(cell.format)\" fontId=\"\(index == 1 ? 1 : 0)\" fillId=\"0\" borderId=\"0\" xfId=\"0\""
            text += (cell.format == 0 ? "" : " applyNumberFormat=\"1\"") + cell.extra + "/>"
        }
        text += "</cellXfs><cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" builtinId=\"0\"/></cellStyles>"
        return text + "</styleSheet>"
    }()
}
