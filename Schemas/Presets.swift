/// Policy presets as they are embedded in the binary; `BoxOffice` reads them at the start.
public enum PresetsFile {
    /// The bytes of `presets.json`.
    public static var json: [UInt8] { PackageResources.presets_json }
}
