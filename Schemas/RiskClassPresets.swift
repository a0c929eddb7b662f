internal import Embedded

/// Risk classes of hosts: how long their money is held beyond the policy, and what is kept in reserve.
public enum RiskClassPresets {
    public static var json: [UInt8] { Shelf.schemas["risk-classes.json"] }
}
