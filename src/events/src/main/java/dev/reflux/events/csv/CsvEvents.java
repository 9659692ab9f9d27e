package dev.reflux.events.csv;

import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;
import de.siegmar.fastcsv.reader.CloseableIterator;
import de.siegmar.fastcsv.reader.CsvCallbackHandler;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import dev.reflux.events.EventSchema;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.zip.GZIPInputStream;

/**
 * The rows of a CSV file with a header ({@code .csv}, or {@code .csv.gz} compressed) as JSON events in UTF-8, in the
 * file's order. Features find their column by name, tensors by their range of columns; the label's is the one named
 * like the last segment of its path, else the last one. An empty cell is null. Not for several threads at once.
 */
public final class CsvEvents implements Iterator<byte[]>, Closeable {

    private static final int BUFFER = 1 << 16;

    private final String file;
    private final CsvReader<byte[]> reader;
    private final CloseableIterator<byte[]> rows;
    private long left;

    private CsvEvents(String file, CsvReader<byte[]> reader, long limit) {
        this.file = file;
        this.reader = reader;
        rows = reader.iterator();
        left = limit;
    }

    /**
     * Opens all rows of a file.
     *
     * @throws CsvException when the file has no header or lacks a column
     * @throws IOException when the file cannot be read
     */
    public static CsvEvents open(EventSchema schema, Path file) throws IOException {
        return open(schema, file, Long.MAX_VALUE);
    }

    /**
     * Opens the first rows of a file.
     *
     * @param limit how many at most
     * @throws CsvException when the file has no header or lacks a column
     * @throws IOException when the file cannot be read
     */
    public static CsvEvents open(EventSchema schema, Path file, long limit) throws IOException {
        if (limit < 0) {
            throw new IllegalArgumentException("limit of rows: " + limit + " found, must not be negative");
        }
        String name = file.getFileName().toString();
        CsvReader<byte[]> reader = read(file, new RowWriter(schema, name));
        try {
            CsvEvents events = new CsvEvents(name, reader, limit);
            events.skipHeader();
            return events;
        } catch (RuntimeException e) {
            reader.close();
            throw e;
        }
    }

    /**
     * Number of rows after the header. Reads the whole file.
     *
     * @throws IOException when the file cannot be read
     */
    public static long count(Path file) throws IOException {
        try (CsvReader<byte[]> reader = read(file, new NoCells());
                CloseableIterator<byte[]> rows = reader.iterator()) {
            long records = 0;
            while (rows.hasNext()) {
                rows.next();
                records++;
            }
            return Math.max(0, records - 1);
        } catch (CsvParseException | UncheckedIOException e) {
            throw damaged(file.getFileName().toString(), e);
        }
    }

    @Override
    public boolean hasNext() {
        if (left == 0) {
            return false;
        }
        try {
            return rows.hasNext();
        } catch (CsvParseException | UncheckedIOException e) {
            throw damaged(file, e);
        }
    }

    /**
     * The next row as an event.
     *
     * @throws CsvException when the file is damaged, the row has another number of cells than the header, a number's cell holds something
     *     else, or the label's cell no class; the message names the line
     */
    @Override
    public byte[] next() {
        if (!hasNext()) {
            throw new NoSuchElementException("no row left in " + file);
        }
        left--;
        return rows.next();
    }

    @Override
    public void close() throws IOException {
        rows.close();
        reader.close();
    }

    private void skipHeader() {
        try {
            if (!rows.hasNext()) {
                throw new CsvException(file + ": the file is empty; its first line must name the columns");
            }
            rows.next();
        } catch (CsvParseException | UncheckedIOException e) {
            throw damaged(file, e);
        }
    }

    private static CsvReader<byte[]> read(Path file, CsvCallbackHandler<byte[]> handler) throws IOException {
        InputStream in = Files.newInputStream(file);
        try {
            if (file.getFileName().toString().endsWith(".gz")) {
                in = new GZIPInputStream(in, BUFFER);
            }
            return CsvReader.builder()
                    .allowUnclosedQuote(false)
                    // the writer of rows counts cells itself, to name the line
                    .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
                    .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                    .detectBomHeader(true)
                    .build(handler, in);
        } catch (IOException | UncheckedIOException e) {
            in.close();
            throw new IOException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    private static CsvException damaged(String file, RuntimeException e) {
        if (e.getCause() instanceof CsvException named) {
            return named;
        }
        return new CsvException(file + ": " + e.getMessage(), e);
    }

    /** Takes no cell; a record is an empty array. */
    private static final class NoCells extends AbstractBaseCsvCallbackHandler<byte[]> {

        private static final byte[] RECORD = {};

        @Override
        protected byte[] buildRecord() {
            return RECORD;
        }
    }
}
