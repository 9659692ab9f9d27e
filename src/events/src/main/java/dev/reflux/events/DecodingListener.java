package dev.reflux.events;

/**
 * Is given what an event says and a row does not hold, while it is decoded; also of an event that turns out bad in the
 * end.
 */
public interface DecodingListener {

    /** Wants nothing; nothing is made for it. */
    DecodingListener NONE = new DecodingListener() {
        @Override
        public void text(int column, String text) {}

        @Override
        public void id(String id) {}
    };

    /** A text, of which a row has but the tokens' hashes. */
    void text(int column, String text);

    /** The event's own identity, a number or truth value as it is written. */
    void id(String id);
}
