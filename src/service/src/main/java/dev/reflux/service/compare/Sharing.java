package dev.reflux.service.compare;

/** How variants are put into jobs. */
public enum Sharing {
    /** Independent students learn side by side in one job, whose speed they share. */
    SHARED,
    /** A job for each variant, so that its speed is its own. */
    SEPARATE
}
