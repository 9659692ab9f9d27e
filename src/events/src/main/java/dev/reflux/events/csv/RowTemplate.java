package dev.reflux.events.csv;

import dev.reflux.events.CategoryFeature;
import dev.reflux.events.ColumnRange;
import dev.reflux.events.EventSchema;
import dev.reflux.events.Feature;
import dev.reflux.events.JsonPointer;
import dev.reflux.events.Label;
import dev.reflux.events.NumericFeature;
import dev.reflux.events.Presence;
import dev.reflux.events.TeacherField;
import dev.reflux.events.TensorFeature;
import dev.reflux.events.TextFeature;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How to write a row of a CSV file as an event: pieces of JSON text with cells between them. Each field of the schema
 * stands at its pointer; a segment of digits becomes a member of an object, which the decoder takes as well.
 *
 * @param pieces the text before each cell's value; one more than {@code cells}, the last closes the event
 */
record RowTemplate(List<String> pieces, List<Cell> cells) {

    /** What is written between two pieces. */
    sealed interface Cell {

        /** Who wants it, for messages. */
        String owner();

        record Number(String owner, int column) implements Cell {}

        record Text(String owner, int column) implements Cell {}

        /** A number when it looks like one, else a string. */
        record NumberOrText(String owner, int column) implements Cell {}

        /** Several numbers, all of them missing or none. */
        record Numbers(String owner, int[] columns) implements Cell {}

        record ClassName(String owner, int column, Label label) implements Cell {}
    }

    /**
     * The template for a file with this header.
     *
     * @throws CsvException when a column is missing or ambiguous
     */
    static RowTemplate of(EventSchema schema, Header header) {
        Branch root = new Branch();
        Set<Integer> claimed = new HashSet<>();
        for (Feature feature : schema.features()) {
            Cell cell = cellOf(feature, header, claimed);
            if (cell != null) {
                root.put(JsonPointer.parse(feature.path()), cell);
            }
        }
        TeacherField teacher = schema.teacher();
        if (teacher != null && teacher.columns() != null) {
            root.put(JsonPointer.parse(teacher.path()), numbers("the teacher", teacher.columns(), header, claimed));
        }
        putByLastSegment(root, schema.id(), header, column -> new Cell.Text("the id", column));
        putByLastSegment(root, schema.time(), header, column -> new Cell.NumberOrText("the time", column));
        int labelColumn = labelColumn(schema.label(), header, claimed::contains);
        if (labelColumn >= 0) {
            root.put(
                    JsonPointer.parse(schema.label().path()),
                    new Cell.ClassName("the label", labelColumn, schema.label()));
        }
        Writer writer = new Writer();
        writer.write(root);
        return writer.finish();
    }

    private static @Nullable Cell cellOf(Feature feature, Header header, Set<Integer> claimed) {
        if (feature instanceof TensorFeature tensor) {
            return tensorCell(tensor, header, claimed);
        }
        String kind =
                feature instanceof TextFeature ? "text" : feature instanceof CategoryFeature ? "category" : "numeric";
        String owner = kind + " '" + feature.name() + "'";
        int column = header.indexOf(feature.name());
        if (column < 0) {
            if (feature.presence() == Presence.OPTIONAL) {
                return null;
            }
            throw header.missing(feature.name(), owner);
        }
        claimed.add(column);
        boolean number =
                feature instanceof NumericFeature || feature instanceof CategoryFeature category && category.coded();
        return number ? new Cell.Number(owner, column) : new Cell.Text(owner, column);
    }

    private static @Nullable Cell tensorCell(TensorFeature tensor, Header header, Set<Integer> claimed) {
        String owner = "tensor '" + tensor.name() + "'";
        ColumnRange range = tensor.columns();
        if (range == null || header.indexOf(range.names().get(0)) < 0) {
            if (tensor.presence() == Presence.OPTIONAL) {
                return null;
            }
            if (range == null) {
                throw new CsvException(header.file() + ": " + owner
                        + " has no CSV columns: give it a range, such as columns: p0..p783");
            }
        }
        return numbers(owner, range, header, claimed);
    }

    private static Cell numbers(String owner, ColumnRange range, Header header, Set<Integer> claimed) {
        int[] columns = range.names().stream()
                .mapToInt(name -> {
                    int column = header.indexOf(name);
                    if (column < 0) {
                        throw header.missing(name, owner);
                    }
                    return column;
                })
                .toArray();
        for (int column : columns) {
            claimed.add(column);
        }
        return new Cell.Numbers(owner, columns);
    }

    /** The label's own column, else the last one, unless that is a feature: then the file has no labels. */
    private static int labelColumn(Label label, Header header, Predicate<Integer> isFeature) {
        int named = header.indexOf(JsonPointer.parse(label.path()).last());
        if (named >= 0) {
            return named;
        }
        int last = header.size() - 1;
        return isFeature.test(last) ? -1 : last;
    }

    private static void putByLastSegment(Branch root, @Nullable String path, Header header, IntFunction<Cell> cell) {
        if (path == null) {
            return;
        }
        JsonPointer pointer = JsonPointer.parse(path);
        int column = header.indexOf(pointer.last());
        if (column >= 0) {
            root.put(pointer, cell.apply(column));
        }
    }

    /** Column names of a file. */
    record Header(String file, List<String> names, Map<String, Integer> index, Set<String> ambiguous) {

        static Header of(String file, List<String> names) {
            Map<String, Integer> index = new LinkedHashMap<>();
            Set<String> ambiguous = new HashSet<>();
            for (int column = 0; column < names.size(); column++) {
                if (index.putIfAbsent(names.get(column), column) != null) {
                    ambiguous.add(names.get(column));
                }
            }
            return new Header(file, names, index, ambiguous);
        }

        int size() {
            return names.size();
        }

        /** Position of the column, or -1. */
        int indexOf(String name) {
            if (ambiguous.contains(name)) {
                throw new CsvException(
                        file + " line 1: column '" + name + "' stands twice in the header: rename one of them");
            }
            return index.getOrDefault(name, -1);
        }

        CsvException missing(String name, String owner) {
            String shown = names.stream().limit(20).collect(Collectors.joining(", "));
            return new CsvException(file + " line 1: no column '" + name + "' for " + owner + "; the header has "
                    + shown + (names.size() > 20 ? ", ... (" + names.size() + " columns)" : ""));
        }
    }

    /** An object being put together; values are branches or cells. */
    private static final class Branch {

        private final Map<String, Object> members = new LinkedHashMap<>();

        void put(JsonPointer pointer, Cell cell) {
            Branch branch = this;
            List<String> segments = pointer.segments();
            for (String segment : segments.subList(0, segments.size() - 1)) {
                branch = (Branch) branch.members.computeIfAbsent(segment, name -> new Branch());
            }
            // two features may read one field: the first one's column fills it
            branch.members.putIfAbsent(pointer.last(), cell);
        }
    }

    private static final class Writer {

        private final List<String> pieces = new ArrayList<>();
        private final List<Cell> cells = new ArrayList<>();
        private final StringBuilder text = new StringBuilder();

        void write(Branch branch) {
            char separator = '{';
            for (Map.Entry<String, Object> member : branch.members.entrySet()) {
                text.append(separator).append('"');
                Json.escape(member.getKey(), text);
                text.append("\":");
                if (member.getValue() instanceof Branch inner) {
                    write(inner);
                } else {
                    pieces.add(text.toString());
                    cells.add((Cell) member.getValue());
                    text.setLength(0);
                }
                separator = ',';
            }
            text.append(branch.members.isEmpty() ? "{}" : "}");
        }

        RowTemplate finish() {
            pieces.add(text.toString());
            return new RowTemplate(List.copyOf(pieces), List.copyOf(cells));
        }
    }
}
