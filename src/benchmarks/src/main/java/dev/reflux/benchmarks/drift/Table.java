package dev.reflux.benchmarks.drift;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** A file of numbers, {@code NAME.csv.gz}: a header, the label (0, 1, ...) in the last column, an empty cell is missing. */
public final class Table {

    private final List<float[]> rows = new ArrayList<>();
    private final List<Integer> labels = new ArrayList<>();
    private int classes;

    private Table() {}

    /** The file of a stream in a folder of streams. */
    public static Table read(Path folder, String stream) {
        Path file = folder.resolve(stream + ".csv.gz");
        if (!Files.exists(file)) {
            throw new IllegalArgumentException("--data: no " + file.getFileName() + " found in " + folder);
        }
        try {
            return read(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    static Table read(Path file) throws IOException {
        Table table = new Table();
        try (InputStreamReader text =
                        new InputStreamReader(new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8);
                CsvReader<CsvRecord> records = CsvReader.builder().ofCsvRecord(text)) {
            boolean header = true;
            for (CsvRecord record : records) {
                if (!header) {
                    table.add(record);
                }
                header = false;
            }
        }
        return table;
    }

    private void add(CsvRecord record) {
        int features = record.getFieldCount() - 1;
        float[] row = new float[features];
        for (int f = 0; f < features; f++) {
            String cell = record.getField(f);
            row[f] = cell.isEmpty() ? Float.NaN : Float.parseFloat(cell);
        }
        rows.add(row);
        int label = Integer.parseInt(record.getField(features));
        labels.add(label);
        classes = Math.max(classes, label + 1);
    }

    public int rows() {
        return rows.size();
    }

    public int features() {
        return rows.get(0).length;
    }

    public int classes() {
        return classes;
    }

    public float[] row(int row) {
        return rows.get(row);
    }

    public int label(int row) {
        return labels.get(row);
    }
}
