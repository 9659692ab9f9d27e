package dev.reflux.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflux.jobs.PipelineJob.Arguments;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PipelineJobTest {

    @Test
    void arguments_all() {
        assertThat(Arguments.of(
                        "a.yaml", "--job", "scoring", "--resume", "--set", "seed=1", "--set", "scoring.batch=2"))
                .isEqualTo(new Arguments(Path.of("a.yaml"), true, true, List.of("seed=1", "scoring.batch=2")));
        assertThat(Arguments.of("a.yaml")).isEqualTo(new Arguments(Path.of("a.yaml"), false, false, List.of()));
    }

    @Test
    void arguments_thatAreWrong_sayHow() {
        assertThatThrownBy(Arguments::of).hasMessageContaining("no pipeline file");
        assertThatThrownBy(() -> Arguments.of("a.yaml", "b.yaml")).hasMessageContaining("argument 'b.yaml' found");
        assertThatThrownBy(() -> Arguments.of("a.yaml", "--jobs")).hasMessageContaining("argument '--jobs' found");
        assertThatThrownBy(() -> Arguments.of("a.yaml", "--set")).hasMessageContaining("must have a value");
        assertThatThrownBy(() -> Arguments.of("a.yaml", "--job", "x")).hasMessageContaining("--job is 'x'");
    }
}
