package dev.reflux.distillation.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetworkProvidersTest {

    @Test
    void create_installed_getsItsOptions() {
        assertThat(NetworkProviders.create("gated", Map.of("width", "7"))).isEqualTo(new GatedNetwork.Spec(7));
        assertThat(NetworkProviders.create("gated", Map.of())).isEqualTo(new GatedNetwork.Spec(0));
    }

    @Test
    void create_unknown_listsWhatIsInstalled() {
        assertThatThrownBy(() -> NetworkProviders.create("gatd", Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("network 'gatd' found, installed are gated;")
                .hasMessageContaining("META-INF/services/dev.reflux.distillation.network.NetworkProvider");
    }

    @Test
    void create_namedClassIsMissing_saysSo(@TempDir Path folder) throws Exception {
        in(
                folder,
                "dev.reflux.NoSuchClass",
                () -> assertThatThrownBy(() -> NetworkProviders.create("gated", Map.of()))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("does not load")
                        .hasMessageContaining("dev.reflux.NoSuchClass"));
    }

    @Test
    void create_twoOfOneName_namesBoth(@TempDir Path folder) throws Exception {
        in(
                folder,
                Twin.class.getName(),
                () -> assertThatThrownBy(() -> NetworkProviders.create("gated", Map.of()))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("both ")
                        .hasMessageContaining(Twin.class.getName())
                        .hasMessageContaining("take one off the class path"));
    }

    /** Has the name of another. */
    public static final class Twin implements NetworkProvider {
        @Override
        public String name() {
            return "gated";
        }

        @Override
        public NetworkSpec create(Map<String, String> options) {
            return MlpSpec.of();
        }
    }

    /** Runs with one more provider on the class path of this thread. */
    private static void in(Path folder, String provider, Runnable test) throws IOException {
        Path services = Files.createDirectories(folder.resolve("META-INF/services"));
        Files.writeString(services.resolve(NetworkProvider.class.getName()), provider);
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader more = new URLClassLoader(new URL[] {folder.toUri().toURL()}, before)) {
            thread.setContextClassLoader(more);
            test.run();
        } finally {
            thread.setContextClassLoader(before);
        }
    }
}
