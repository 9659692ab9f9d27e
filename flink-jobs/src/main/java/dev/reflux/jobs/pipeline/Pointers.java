package dev.reflux.jobs.pipeline;

/** What a JSON pointer (RFC 6901) looks like. */
final class Pointers {

    static final String RULE = "(/([^/~]|~[01])*)+";
    static final String WORDS = "a JSON pointer such as /user/age";

    private Pointers() {}
}
