package dev.reflux.events;

import java.util.ArrayList;
import java.util.List;

/**
 * A JSON pointer (RFC 6901), taken apart: {@code /a~1b/0} has the segments {@code a/b} and {@code 0}. A segment of
 * digits names the member of an object or the element of an array, whichever the event has there.
 *
 * @param segments names from the root down, unescaped; at least one, since an event is an object
 */
public record JsonPointer(List<String> segments) {

    public JsonPointer {
        segments = List.copyOf(segments);
        if (segments.isEmpty()) {
            throw new IllegalArgumentException(
                    "path '' points to the whole event: name a field of it, such as '/price'");
        }
    }

    /**
     * Reads the text form.
     *
     * @throws IllegalArgumentException when it does not start with a slash or holds a {@code ~} that is neither
     *     {@code ~0} nor {@code ~1}
     */
    public static JsonPointer parse(String text) {
        if (text.isEmpty()) {
            return new JsonPointer(List.of());
        }
        if (text.charAt(0) != '/') {
            throw new IllegalArgumentException(
                    "path '" + text + "' is no JSON pointer: it must start with '/', such as '/" + escape(text) + "'");
        }
        List<String> segments = new ArrayList<>();
        StringBuilder segment = new StringBuilder();
        for (int i = 1; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '/') {
                segments.add(segment.toString());
                segment.setLength(0);
            } else if (c == '~') {
                i++;
                char escaped = i < text.length() ? text.charAt(i) : ' ';
                if (escaped != '0' && escaped != '1') {
                    throw new IllegalArgumentException("path '" + text
                            + "' is no JSON pointer: '~' must be followed by 0 (for '~') or 1 (for '/')");
                }
                segment.append(escaped == '0' ? '~' : '/');
            } else {
                segment.append(c);
            }
        }
        segments.add(segment.toString());
        return new JsonPointer(segments);
    }

    /** The pointer to the top-level field of this name. */
    public static JsonPointer toField(String name) {
        return new JsonPointer(List.of(name));
    }

    /** The innermost name. */
    public String last() {
        return segments.get(segments.size() - 1);
    }

    /** The text form, escaped. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (String segment : segments) {
            text.append('/').append(escape(segment));
        }
        return text.toString();
    }

    private static String escape(String segment) {
        return segment.replace("~", "~0").replace("/", "~1");
    }
}
