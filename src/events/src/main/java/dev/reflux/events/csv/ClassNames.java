package dev.reflux.events.csv;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a label cell means: a class by its name, else by its code {@code 0..classes-1}. */
final class ClassNames {

    private final Map<String, byte[]> jsonByCell = new HashMap<>();

    ClassNames(List<String> classes) {
        for (int code = 0; code < classes.size(); code++) {
            jsonByCell.put(Integer.toString(code), json(classes.get(code)));
        }
        for (String name : classes) {
            jsonByCell.put(name, json(name));
        }
    }

    /** The class name as a JSON string, or null when the cell is no class. */
    byte @Nullable [] find(String cell) {
        byte[] json = jsonByCell.get(cell);
        return json != null ? json : jsonByCell.get(cell.strip());
    }

    private static byte[] json(String name) {
        StringBuilder text = new StringBuilder("\"");
        Json.escape(name, text);
        return text.append('"').toString().getBytes(StandardCharsets.UTF_8);
    }
}
