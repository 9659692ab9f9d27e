package dev.reflux.events;

/** What it means when an event lacks a feature's field altogether. An explicit null is a missing value either way. */
public enum Presence {
    /** Absence is a mistake of the producer: the event is bad ({@link Reason#MISSING_FIELD}). */
    REQUIRED,
    /** Absence is a missing value, as null is. */
    OPTIONAL
}
