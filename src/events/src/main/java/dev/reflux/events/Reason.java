package dev.reflux.events;

/** Why an event was refused. The codes are part of the dead-letter format and never change. */
public enum Reason {
    /** No value, an empty one, broken JSON, a field given twice, or something after the end. */
    NOT_JSON("not-json"),
    /** A required field is absent. */
    MISSING_FIELD("missing-field"),
    /** A field, or the event itself, is of another JSON type than the schema asks for. */
    WRONG_TYPE("wrong-type"),
    /** The label, or a name in what the teacher says, is none of the classes. */
    UNKNOWN_CLASS("unknown-class"),
    /** NaN, infinite, or too large for a float. */
    NOT_FINITE("not-finite"),
    /** A tensor has more or fewer numbers than its shape. */
    WRONG_TENSOR_SIZE("wrong-tensor-size"),
    /** The teacher gives more or fewer probabilities than there are classes. */
    WRONG_TEACHER_SIZE("wrong-teacher-size"),
    /** What the teacher gives is negative or does not sum to 1. */
    NOT_PROBABILITIES("not-probabilities"),
    /** The event is longer than the decoder's limit. */
    TOO_LARGE("too-large");

    private final String code;

    Reason(String code) {
        this.code = code;
    }

    /** The name on the wire. */
    public String code() {
        return code;
    }

    /** The reason of this code. */
    public static Reason ofCode(String code) {
        for (Reason reason : values()) {
            if (reason.code.equals(code)) {
                return reason;
            }
        }
        throw new IllegalArgumentException(
                "reason '" + code + "' found, which this build does not know: it was probably written by a newer one");
    }
}
