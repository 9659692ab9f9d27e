package dev.reflux.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RetainedCheckpointsTest {
    @TempDir
    private Path folder;

    @Test
    void newest_ofNothing_isEmpty() {
        assertThat(newest(folder)).isEmpty();
        assertThat(newest(folder.resolve("missing"))).isEmpty();
    }

    @Test
    void newest_acrossRuns_goesByTimeNotByNumber() throws IOException {
        checkpoint("run-a/chk-90", 1_000);
        checkpoint("run-b/chk-3", 2_000);
        checkpoint("savepoint-a1-b2", 1_500);

        assertThat(newest(folder)).hasValue("chk-3");
    }

    @Test
    void newest_savepointAfterCheckpoints_isTheSavepoint() throws IOException {
        checkpoint("run-b/chk-3", 2_000);
        checkpoint("savepoint-a1-b2", 3_000);

        assertThat(newest(folder)).hasValue("savepoint-a1-b2");
    }

    @Test
    void newest_atTheSameTime_goesByNumber() throws IOException {
        checkpoint("run-a/chk-9", 2_000);
        checkpoint("run-a/chk-10", 2_000);

        assertThat(newest(folder)).hasValue("chk-10");
    }

    @Test
    void newest_cutShort_isNotTaken() throws IOException {
        checkpoint("run-a/chk-1", 1_000);
        Files.createDirectories(folder.resolve("run-a/chk-2"));
        Files.createDirectories(folder.resolve("run-a/chk-3"));
        Files.createFile(folder.resolve("run-a/chk-3/_metadata"));

        assertThat(newest(folder)).hasValue("chk-1");
    }

    private void checkpoint(String place, long millis) throws IOException {
        Path metadata = folder.resolve(place).resolve("_metadata");
        Files.createDirectories(metadata.getParent());
        Files.writeString(metadata, "state");
        Files.setLastModifiedTime(metadata, FileTime.fromMillis(millis));
    }

    private static Optional<String> newest(Path root) {
        return RetainedCheckpoints.newest(org.apache.flink.core.fs.Path.fromLocalFile(root.toFile()))
                .map(org.apache.flink.core.fs.Path::getName);
    }
}
