package dev.reflux.events.csv;

import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;
import de.siegmar.fastcsv.reader.RecordType;
import dev.reflux.events.EventSchema;
import dev.reflux.events.csv.RowTemplate.Cell;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Turns the cells that the CSV parser meets into an event, without a string per cell. The first record is the header;
 * it gives an empty array, for the parser wants a record.
 */
final class RowWriter extends AbstractBaseCsvCallbackHandler<byte[]> {

    private static final byte[] NO_EVENT = {};

    private final EventSchema schema;
    private final String file;
    private final Json json = new Json();
    private @Nullable ClassNames classNames;
    private @Nullable RowTemplate template;
    private byte[][] pieces = {};
    private Cell[] cells = {};
    private int columns;

    private char[] text = new char[4096];
    private int textSize;
    private int[] ends = new int[64];

    RowWriter(EventSchema schema, String file) {
        this.schema = schema;
        this.file = file;
    }

    @Override
    protected void handleBegin(long startingLineNumber) {
        textSize = 0;
    }

    @Override
    protected void handleField(int field, char[] buffer, int offset, int length, boolean quoted) {
        if (textSize + length > text.length) {
            text = Arrays.copyOf(text, Math.max(text.length * 2, textSize + length));
        }
        System.arraycopy(buffer, offset, text, textSize, length);
        textSize += length;
        if (field == ends.length) {
            ends = Arrays.copyOf(ends, field * 2);
        }
        ends[field] = textSize;
    }

    @Override
    protected byte[] buildRecord() {
        if (getRecordType() == RecordType.EMPTY) {
            return NO_EVENT;
        }
        if (template == null) {
            readHeader();
            return NO_EVENT;
        }
        if (getFieldCount() != columns) {
            throw new CsvException(line() + ": " + getFieldCount() + " cells found, the header has " + columns
                    + "; quote cells that hold a comma or a line break");
        }
        json.clear();
        for (int i = 0; i < cells.length; i++) {
            json.raw(pieces[i]);
            write(cells[i]);
        }
        json.raw(pieces[cells.length]);
        return json.toBytes();
    }

    private void readHeader() {
        List<String> names = new ArrayList<>();
        for (int column = 0; column < getFieldCount(); column++) {
            names.add(cell(column).strip());
        }
        RowTemplate found = RowTemplate.of(schema, RowTemplate.Header.of(file, names));
        columns = names.size();
        cells = found.cells().toArray(Cell[]::new);
        pieces = found.pieces().stream()
                .map(piece -> piece.getBytes(StandardCharsets.UTF_8))
                .toArray(byte[][]::new);
        template = found;
    }

    private void write(Cell cell) {
        if (cell instanceof Cell.Number number) {
            if (isEmpty(number.column())) {
                json.nothing();
            } else {
                number(number.owner(), number.column());
            }
        } else if (cell instanceof Cell.Text words) {
            string(words.column());
        } else if (cell instanceof Cell.NumberOrText either) {
            int column = either.column();
            if (isEmpty(column) || !Json.isJsonNumber(text, start(column), ends[column])) {
                string(column);
            } else {
                number(either.owner(), column);
            }
        } else if (cell instanceof Cell.Numbers numbers) {
            numbers(numbers);
        } else if (cell instanceof Cell.ClassName name) {
            className(name);
        }
    }

    private void string(int column) {
        if (isEmpty(column)) {
            json.nothing();
        } else {
            json.string(text, start(column), ends[column]);
        }
    }

    private void number(String owner, int column) {
        int from = start(column);
        int to = ends[column];
        while (from < to && text[from] == ' ') {
            from++;
        }
        while (from < to && text[to - 1] == ' ') {
            to--;
        }
        if (!json.number(text, from, to)) {
            throw new CsvException(line() + ": " + owner + ": '" + cell(column)
                    + "' found, must be a finite number; leave the cell empty where it is missing");
        }
    }

    private void numbers(Cell.Numbers cell) {
        int missing = 0;
        for (int column : cell.columns()) {
            missing += isEmpty(column) ? 1 : 0;
        }
        if (missing == cell.columns().length) {
            json.nothing();
            return;
        }
        if (missing > 0) {
            throw new CsvException(line() + ": " + cell.owner() + ": " + missing + " of its " + cell.columns().length
                    + " cells are empty; they are missing all together or not at all");
        }
        char separator = '[';
        for (int column : cell.columns()) {
            json.raw(separator);
            number(cell.owner(), column);
            separator = ',';
        }
        json.raw(']');
    }

    private void className(Cell.ClassName cell) {
        if (isEmpty(cell.column())) {
            json.nothing();
            return;
        }
        if (classNames == null) {
            classNames = new ClassNames(cell.label().classes());
        }
        byte[] name = classNames.find(cell(cell.column()));
        if (name == null) {
            throw new CsvException(line() + ": the label: '" + cell(cell.column()) + "' found, must be one of "
                    + cell.label().classes() + " or a code from 0 to "
                    + (cell.label().classes().size() - 1) + "; leave the cell empty where there is none");
        }
        json.raw(name);
    }

    private boolean isEmpty(int column) {
        return start(column) == ends[column];
    }

    private int start(int column) {
        return column == 0 ? 0 : ends[column - 1];
    }

    private String cell(int column) {
        return new String(text, start(column), ends[column] - start(column));
    }

    private String line() {
        return file + " line " + getStartingLineNumber();
    }
}
