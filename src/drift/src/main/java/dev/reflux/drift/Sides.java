package dev.reflux.drift;

/** Which changes of a mean a test looks for. */
public enum Sides {
    /** A rise alone; a fall is not even looked for. */
    ONE_SIDED,
    /** Both; a rise is signalled, after a fall the detector begins anew in silence. For errors, whose fall is no reason for alarm. */
    RESET_ON_FALL,
    /** Both are signalled. */
    TWO_SIDED
}
