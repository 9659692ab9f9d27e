package dev.reflux.benchmarks.drift;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflux.benchmarks.drift.ErrorStream.Change;
import dev.reflux.benchmarks.drift.ErrorStream.Kind;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ErrorStreamsTest {

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void generated_changes_raiseTheErrorRateWhereTheySay(Kind kind) {
        ErrorStream stream = GeneratedErrors.of(kind, 3);
        assertThat(stream.changes()).hasSize(9);
        for (Change change : stream.changes()) {
            assertThat(mean(stream, change.start() - 1_000, change.start())).isBetween(0.15, 0.25);
            assertThat(mean(stream, change.end(), change.start() + 5_000)).isBetween(0.35, 0.45);
        }
        assertThat(GeneratedErrors.of(kind, 3).errors()).isEqualTo(stream.errors());
        assertThat(GeneratedErrors.of(kind, 4).errors()).isNotEqualTo(stream.errors());
    }

    @Test
    void generated_noChange_staysAtItsRate() {
        ErrorStream stream = GeneratedErrors.of(Kind.NONE, 3);
        assertThat(stream.changes()).isEmpty();
        assertThat(mean(stream, 0, stream.errors().length)).isBetween(0.195, 0.205);
    }

    @ParameterizedTest
    @EnumSource
    void real_changes_makeTheClassifierErr(Kind kind, @TempDir Path folder) throws IOException {
        Table table = Table.read(table(folder));
        assertThat(table.rows()).isEqualTo(20_000);
        assertThat(table.features()).isEqualTo(6);
        assertThat(table.classes()).isEqualTo(3);
        ErrorStream stream = RealErrors.of(table, kind, 5);
        assertThat(stream.errors()).hasSize(20_000);
        assertThat(mean(stream, 2_000, 3_000)).isLessThan(0.2);
        if (kind == Kind.NONE) {
            assertThat(stream.changes()).isEmpty();
            return;
        }
        assertThat(stream.changes()).hasSize(4);
        double rise = 0;
        for (Change change : stream.changes()) {
            rise += mean(stream, change.start(), change.end() + 300)
                    - mean(stream, change.start() - 500, change.start());
        }
        assertThat(rise / 4).isGreaterThan(0.02);
    }

    /** Three classes that four of six features tell, one of them with holes. */
    private static Path table(Path folder) throws IOException {
        Path file = folder.resolve("clear.csv.gz");
        Random random = new Random(1);
        try (Writer out =
                new OutputStreamWriter(new GZIPOutputStream(Files.newOutputStream(file)), StandardCharsets.UTF_8)) {
            out.write("a,b,c,d,e,f,label\n");
            for (int i = 0; i < 20_000; i++) {
                int label = random.nextInt(3);
                for (int f = 0; f < 6; f++) {
                    double mean = f < 4 ? (f == label ? 2 : f == 3 ? label : 0) : 0;
                    out.write(
                            f == 5 && i % 7 == 0
                                    ? ","
                                    : String.format(Locale.ROOT, "%.3f,", random.nextGaussian() + mean));
                }
                out.write(label + "\n");
            }
        }
        return file;
    }

    private static double mean(ErrorStream stream, int from, int to) {
        return Arrays.stream(stream.errors(), from, to).average().orElseThrow();
    }
}
