package dev.reflux.checkpoints;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileModelStoreTest {

    @TempDir
    private Path folder;

    @Test
    void write_leavesOnlyTheModel() throws IOException {
        FileModelStore store = new FileModelStore(folder.resolve("models"));
        String uri = store.write("a/b.onnx", new byte[] {1, 2});
        store.write("a/b.onnx", new byte[] {3});

        assertThat(store.read(uri, 1)).containsExactly(3);
        try (Stream<Path> files = Files.walk(folder).filter(Files::isRegularFile)) {
            assertThat(files).containsExactly(folder.resolve("models/a/b.onnx"));
        }
    }

    @Test
    void write_nameLeadingOut_isRefused() {
        FileModelStore store = new FileModelStore(folder.resolve("models"));

        for (String name : new String[] {"../x.onnx", "/x.onnx", "a/../../x.onnx", "."}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> store.write(name, new byte[1]))
                    .withMessageContaining("leads out of");
        }
    }

    @Test
    void read_longerThanItShouldBe_stopsThere() throws IOException {
        FileModelStore store = new FileModelStore(folder);
        String uri = store.write("a.onnx", new byte[1000]);

        assertThat(store.read(uri, 10)).hasSize(11);
        assertThat(store.read(uri, Long.MAX_VALUE - 1)).hasSize(1000);
    }

    @Test
    void read_outsideOfTheFolder_isRefused() throws IOException {
        Path secret = Files.write(folder.resolve("secret"), new byte[] {1});
        FileModelStore store = new FileModelStore(folder.resolve("models"));
        Files.createDirectories(folder.resolve("models"));
        Path link = Files.createSymbolicLink(folder.resolve("models/link"), secret);

        for (Path path : new Path[] {secret, folder.resolve("models/../secret"), link}) {
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> store.read(path.toUri().toString(), 1))
                    .withMessageContaining("lies outside of");
        }
    }
}
