package dev.reflux.benchmarks.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StreamsFileTest {

    @TempDir
    private Path folder;

    @Test
    void best_ofThoseThatSawNoMore_isTheMostAccurate() throws IOException {
        Files.writeString(folder.resolve("streams.json"), """
                [{"stream": "a", "baselines": [
                  {"learner": "slow", "rows": 100, "accuracy": 95.0},
                  {"learner": "good (on 7 things)", "rows": 900, "accuracy": 90.0},
                  {"learner": "poor", "rows": 1000, "accuracy": 50.0}]},
                 {"stream": "b"}]
                """);

        StreamsFile file = StreamsFile.read(folder);

        assertThat(file.peers().keySet()).containsExactly("a", "b");
        assertThat(file.best("a", 1000)).hasValue(new StreamsFile.Peer("slow", 100, 0.95));
        assertThat(file.best("a", 99)).isEmpty();
        assertThat(file.best("b", 1000)).isEmpty();
        assertThat(file.peers().get("a").get(1).learner()).isEqualTo("good");
    }

    @Test
    void read_folderWithoutTheFile_saysWhatIsMissing() {
        assertThatThrownBy(() -> StreamsFile.read(folder)).hasMessageContaining("no streams.json found");
    }

    @Test
    void limits_ofAllAndOfOne() {
        RowLimits limits = new RowLimits(List.of("20000", "mnist70k=7000"));

        assertThat(limits.of("mnist70k")).isEqualTo(7000);
        assertThat(limits.of("elec2")).isEqualTo(20_000);
        assertThat(new RowLimits(List.of()).of("elec2")).isEqualTo(Integer.MAX_VALUE);
        assertThatThrownBy(() -> new RowLimits(List.of("elec2=many"))).hasMessageContaining("--limit elec2=many found");
        assertThatThrownBy(() -> new RowLimits(List.of("0"))).hasMessageContaining("number of rows from 1");
    }
}
