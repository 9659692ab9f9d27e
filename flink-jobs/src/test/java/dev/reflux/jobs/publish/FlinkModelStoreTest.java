package dev.reflux.jobs.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlinkModelStoreTest {

    @TempDir
    Path folder;

    @Test
    void model_written_isReadUnderTheUriThatIsGivenBack() throws Exception {
        FlinkModelStore store = new FlinkModelStore(folder.toString());
        String uri = store.write("pipeline/phone-1.onnx", new byte[] {1, 2, 3});
        assertThat(uri).startsWith("file:/").endsWith("pipeline/phone-1.onnx");
        assertThat(store.read(uri, 3)).containsExactly(1, 2, 3);
        assertThat(store.write("pipeline/phone-1.onnx", new byte[] {1, 2, 3}))
                .as("written again, as after a recovery")
                .isEqualTo(uri);
        try (var files = Files.walk(folder)) {
            assertThat(files.filter(Files::isRegularFile)).hasSize(1);
        }
    }

    @Test
    void folder_givenAsARelativePath_isAnAbsoluteUriForConsumers() throws Exception {
        Path relative = Path.of("").toAbsolutePath().relativize(folder.toAbsolutePath());
        String uri = new FlinkModelStore(relative.toString()).write("m.onnx", new byte[] {9});
        assertThat(uri).startsWith("file:/");
        assertThat(Path.of(java.net.URI.create(uri)).normalize()).exists();
    }

    @Test
    void model_outsideOfTheFolder_isNotRead() throws Exception {
        Path secret = Files.write(folder.resolve("secret"), new byte[] {1});
        FlinkModelStore store = new FlinkModelStore(folder.resolve("models").toString());
        String inside = store.write("a.onnx", new byte[] {1, 2, 3});

        for (String uri : List.of(
                secret.toUri().toString(),
                inside.replace("a.onnx", "../secret"),
                inside.replace("file:", "hdfs://other"),
                folder.resolve("models").toString())) {
            assertThatIOException()
                    .isThrownBy(() -> store.read(uri, 1))
                    .withMessageContaining("lies outside of")
                    .withMessageContaining("checkpoints.store");
        }
        assertThat(store.read(inside, 1))
                .as("one byte more than expected shows that it is longer")
                .hasSize(2);
    }
}
