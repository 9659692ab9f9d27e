package dev.reflux.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class PipelineOptionsPageTest {

    private static final Path README = Path.of("..", "README.md");
    private static final String REGENERATE = "./mvnw -q -pl flink-jobs -am test -Dtest=PipelineOptionsPageTest"
            + " -Dsurefire.failIfNoSpecifiedTests=false -Doptions.write=true";

    @Test
    void readme_table_isFresh() throws IOException {
        if (Boolean.getBoolean("options.write")) {
            PipelineOptionsPage.main(new String[] {README.toString()});
        }
        String page = Files.readString(README);
        assertThat(page)
                .as("the table of options in README.md is stale; write it anew: %s", REGENERATE)
                .isEqualTo(PipelineOptionsPage.splice(page));
    }

    @Test
    void table_holdsEveryOptionOnceWithDefaultAndRule() {
        assertThat(PipelineOptionsPage.table())
                .contains("\n| `batch.size` | `256` | Events of a full micro-batch. (in [1, 65536] events) |\n")
                .contains("\n| `topics.deadLetters` | `<pipeline>.dead-letters` | ")
                .contains("\n| `students[].name` | `student` | ")
                .contains("\n| `events.label.classes` | required | ")
                .contains(
                        "\n**`teacher.optimizer`, `teacher.members[].optimizer`, `students[].optimizer` with `type: adam`**\n")
                .contains("KL(student \\|\\| teacher)")
                .containsOnlyOnce("`beta1`")
                .containsOnlyOnce("`finalTemperature`")
                .doesNotContain("`students[].distillation.losses`");
    }

    @Test
    void splice_page_replacesWhatStandsBetweenTheMarkers() {
        String page = "before\n<!-- options:begin -->\nstale text\n<!-- options:end -->\nafter\n";
        String fresh = PipelineOptionsPage.splice(page);

        assertThat(fresh)
                .startsWith("before\n<!-- options:begin -->\n\n")
                .endsWith("|\n\n<!-- options:end -->\nafter\n")
                .contains(PipelineOptionsPage.table())
                .doesNotContain("stale text");
        assertThat(PipelineOptionsPage.splice(fresh)).isEqualTo(fresh);
    }

    @Test
    void splice_withoutMarkers_saysWhatToWrite() {
        assertThatThrownBy(() -> PipelineOptionsPage.splice("<!-- options:end --> <!-- options:begin -->"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no place for the table of options; write the lines '<!-- options:begin -->' and"
                        + " '<!-- options:end -->' where it belongs");
    }
}
