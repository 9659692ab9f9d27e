package dev.reflux.jobs.pipeline;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a key is found by whoever needs it, when it is needed: {@code file:PATH} or {@code env:VARIABLE}. The key itself
 * is in no pipeline file, no job graph and no output.
 *
 * @param name the path or the variable
 */
public record KeySource(Kind kind, String name) {

    /** What kind of place it is. */
    public enum Kind {
        FILE,
        ENV
    }

    private static final Pattern FORM = Pattern.compile("(file|env):(\\S.*)");

    /** Reads the written form. What does not have it may be a key by mistake, and is not shown. */
    public static KeySource parse(String text) {
        Matcher matcher = FORM.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("the value, which is not shown, must say where the key is: file:PATH or"
                    + " env:VARIABLE; the key itself does not belong into a pipeline file");
        }
        return new KeySource(matcher.group(1).equals("file") ? Kind.FILE : Kind.ENV, matcher.group(2));
    }

    /**
     * The key.
     *
     * @param option whose value this is, for the message
     * @param environment variables of the process
     * @throws IllegalArgumentException when there is none
     */
    public String read(String option, Map<String, String> environment) {
        switch (kind) {
            case FILE -> {
                try {
                    return Files.readString(Path.of(name));
                } catch (IOException e) {
                    throw new IllegalArgumentException(
                            option + ": the key cannot be read from file " + name + " on this machine: " + e, e);
                }
            }
            case ENV -> {
                String value = environment.get(name);
                if (value == null) {
                    throw new IllegalArgumentException(option + ": the key cannot be read, the environment variable "
                            + name + " is not set for this process");
                }
                return value;
            }
        }
        throw new IllegalStateException("a key from " + kind);
    }

    @Override
    public String toString() {
        return (kind == Kind.FILE ? "file:" : "env:") + name;
    }
}
