package dev.reflux.checkpoints;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetainedModelsTest {

    @TempDir
    private Path folder;

    @Test
    void prune_beforeAMark_keepsTheLastOfThemAndAllThatCameLater() throws IOException {
        RetainedModels models = models(2, List.of());
        write(models, "1", "2", "3", "4");
        long mark = models.mark();
        write(models, "5", "6", "7");

        models.prune(mark);

        assertThat(files()).containsExactly("3", "4", "5", "6", "7");
        models.prune(models.mark());
        assertThat(files()).containsExactly("6", "7");
    }

    @Test
    void prune_beforeAnythingIsVisible_deletesNothing() throws IOException {
        RetainedModels models = models(2, List.of());
        write(models, "1", "2", "3");

        models.prune(0);

        assertThat(files()).containsExactly("1", "2", "3");
    }

    @Test
    void write_againAfterARecovery_makesItYoung() throws IOException {
        RetainedModels models = models(1, List.of());
        write(models, "1", "2", "1");

        models.prune(models.mark());

        assertThat(files()).containsExactly("1");
    }

    @Test
    void uris_ofBefore_areForgottenInTheirOrder() throws IOException {
        RetainedModels before = models(3, List.of());
        write(before, "1", "2", "3");
        RetainedModels after = models(2, before.uris());
        write(after, "4");

        after.prune(after.mark());

        assertThat(files()).containsExactly("3", "4");
        assertThat(after.uris()).hasSize(2);
    }

    @Test
    void prune_modelGoneAlready_goesOn() throws IOException {
        RetainedModels models = models(1, List.of());
        write(models, "1", "2", "3");
        Files.delete(folder.resolve("1"));

        models.prune(models.mark());

        assertThat(files()).containsExactly("3");
    }

    @Test
    void delete_outsideOfTheFolder_isRefused() throws IOException {
        Path secret = Files.write(folder.resolve("secret"), new byte[1]);
        FileModelStore store = new FileModelStore(folder.resolve("models"));
        Files.createDirectory(folder.resolve("models"));

        assertThatIOException().isThrownBy(() -> store.delete(secret.toUri().toString()));
        assertThat(secret).exists();
    }

    @Test
    void constructor_keepNone_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> models(0, List.of()))
                .withMessageContaining("keep is 0");
    }

    private RetainedModels models(int keep, List<String> uris) {
        return new RetainedModels(new FileModelStore(folder), keep, uris);
    }

    private static void write(RetainedModels models, String... names) throws IOException {
        for (String name : names) {
            models.write(name, name.getBytes(StandardCharsets.UTF_8));
        }
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
