package dev.reflux.drift;

/** How far a stream has moved, in rising order. */
public enum DriftLevel {
    NONE("none"),
    /** A change is likely; nothing was forgotten yet. */
    WARNING("warning"),
    /** A change is established. */
    DRIFT("drift");

    private final String wireName;

    DriftLevel(String wireName) {
        this.wireName = wireName;
    }

    /** The level in records: {@code none}, {@code warning} or {@code drift}. */
    public String wireName() {
        return wireName;
    }

    /** @throws IllegalArgumentException for any other word */
    public static DriftLevel ofWireName(String name) {
        for (DriftLevel level : values()) {
            if (level.wireName.equals(name)) {
                return level;
            }
        }
        throw new IllegalArgumentException("level: '" + name + "' found, must be none, warning or drift");
    }

    /** The higher of the two. */
    public DriftLevel max(DriftLevel other) {
        return compareTo(other) >= 0 ? this : other;
    }
}
