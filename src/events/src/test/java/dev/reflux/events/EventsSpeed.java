package dev.reflux.events;

import dev.reflux.events.csv.CsvEvents;
import dev.reflux.events.generated.DriftingStream;
import dev.reflux.events.generated.DriftingStreamSpec;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Prints how fast events are made, decoded and read from CSV on one core. Run by hand: it is a main, not a test. */
final class EventsSpeed {

    private static final int EVENTS = 100_000;
    private static final int ROUNDS = 6;
    private static final int BATCH = 128;

    private EventsSpeed() {}

    /** Takes no arguments. */
    public static void main(String[] arguments) throws IOException {
        DriftingStream stream = new DriftingStream(DriftingStreamSpec.wide(1));
        byte[][] events = new byte[EVENTS][];
        rounds("generate 54 numerics", () -> {
            for (int i = 0; i < EVENTS; i++) {
                events[i] = stream.event(i);
            }
        });
        EventDecoder decoder = new EventDecoder(stream.schema());
        MicroBatchBuilder batch = new MicroBatchBuilder(decoder.layout(), BATCH);
        rounds("decode 54 numerics (" + events[0].length + " bytes)", () -> {
            for (int i = 0; i < EVENTS; i++) {
                Rejection rejection = decoder.decode(events[i], 0, i, 0, batch);
                if (rejection != null) {
                    throw new IllegalStateException(rejection.toString());
                }
                if (batch.isFull()) {
                    batch.build(i);
                }
            }
        });
        Path csv = Files.createTempFile("wide", ".csv");
        try {
            writeCsv(csv);
            rounds("CSV 54 columns to JSON", () -> {
                try (CsvEvents rows = CsvEvents.open(stream.schema(), csv)) {
                    while (rows.hasNext()) {
                        rows.next();
                    }
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
        } finally {
            Files.delete(csv);
        }
    }

    private static void writeCsv(Path csv) throws IOException {
        try (Writer out = Files.newBufferedWriter(csv)) {
            for (int column = 0; column < 54; column++) {
                out.write("x" + column + ",");
            }
            out.write("label\n");
            for (int row = 0; row < EVENTS; row++) {
                for (int column = 0; column < 54; column++) {
                    long bits = SplitMix64.mix(row, column);
                    out.write(String.format(Locale.ROOT, "%.3f,", SplitMix64.uniform(bits) * 4 - 2));
                }
                out.write(row % 7 + "\n");
            }
        }
    }

    private static void rounds(String what, Runnable round) {
        double best = 0;
        for (int i = 0; i < ROUNDS; i++) {
            long start = System.nanoTime();
            round.run();
            best = Math.max(best, EVENTS / ((System.nanoTime() - start) * 1e-9));
        }
        System.out.printf(Locale.ROOT, "%s: %,.0f events/s%n", what, best);
    }
}
