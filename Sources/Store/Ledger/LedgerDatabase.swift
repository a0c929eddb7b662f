internal import Schemas

extension Database {
    /// The ledger's database file, its schema up to date.
    public static func ledger(at path: String, readers: Int = 2) throws(StoreFault) -> Database {
        let migrations = SchemaScripts.ledger.map { Migration(number: $0.number, name: $0.name, script: $0.text) }
        return try Database(path: path, migrations: migrations, readers: readers)
    }
}
