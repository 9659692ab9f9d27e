package dev.reflux.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.reflux.distillation.engine.EngineChoice;
import dev.reflux.distillation.external.Answer;
import dev.reflux.distillation.loss.Losses;
import dev.reflux.distillation.network.Activation;
import dev.reflux.distillation.network.CnnSpec;
import dev.reflux.drift.Adwin;
import dev.reflux.jobs.pipeline.options.InvalidOptionsException;
import dev.reflux.jobs.pipeline.options.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PipelineReaderTest {

    private static final String SMALL = """
            pipeline: small
            events:
              label: {classes: [no, yes]}
              features: [{name: x, type: numeric}]
            """;

    @Test
    void read_onlyWhatIsRequired_fillsInEveryDefault() {
        Pipeline pipeline = PipelineReader.read(SMALL);

        assertThat(pipeline.pipeline()).isEqualTo("small");
        assertThat(pipeline.events().label()).isEqualTo(new LabelSettings("/label", List.of("no", "yes")));
        assertThat(pipeline.events().features()).containsExactly(new FeatureSettings.Numeric("x", "/x", true));
        assertThat(pipeline.events().maxBytes()).isEqualTo(new DataSize(1 << 20));
        assertThat(pipeline.topics()).isEqualTo(TopicNames.of("small"));
        assertThat(pipeline.batch())
                .isEqualTo(new BatchSettings(256, MaxDelay.of(Duration.ofMillis(50)), BatchStep.EVENT));
        assertThat(pipeline.engine()).isEqualTo(EngineChoice.AUTO);
        assertThat(pipeline.teacher().optimizer()).isEqualTo(new OptimizerSettings.Auto(null));
        assertThat(pipeline.students()).hasSize(1);
        StudentSettings student = pipeline.students().get(0);
        assertThat(student.name()).isEqualTo("student");
        assertThat(student.optimizer()).isEqualTo(new OptimizerSettings.Auto(null));
        assertThat(student.control()).isTrue();
        assertThat(student.network()).extracting("hidden").isEqualTo(List.of(32));
        assertThat(student.distillation()).isEqualTo(pipeline.distillation());
        assertThat(pipeline.drift().detectors())
                .containsExactly(new DetectorSettings.Adwin(
                        DetectorSettings.Signal.STUDENT_ERROR, null, 0.002, Adwin.Direction.INCREASE, 32));
        assertThat(pipeline.checkpoints().every()).isEqualTo(new Cadence(200, Cadence.Unit.BATCHES));
        assertThat(pipeline.checkpoints().inlineLimit()).hasToString("512KiB");
        assertThat(pipeline.flink().checkpointDirectory()).isEqualTo(".reflux/small/checkpoints");
        assertThat(pipeline.seed()).isEqualTo(42);
    }

    @Test
    void read_mappingGivenInPart_keepsTheRestOfItsDefaultWhileTheTypeStays() {
        Pipeline pipeline = PipelineReader.read(SMALL + """
                  teacher: {optimizer: {learningRate: 0.9}}
                  students:
                    - {name: a, optimizer: {type: sgd, clipNorm: 1}}
                    - {name: b, optimizer: {type: adam}}
                  """);

        assertThat(pipeline.teacher().optimizer()).isEqualTo(new OptimizerSettings.Auto(0.9));
        assertThat(pipeline.students().get(0).optimizer()).isEqualTo(new OptimizerSettings.Sgd(0.02, 0, 1));
        assertThat(pipeline.students().get(1).optimizer())
                .isEqualTo(new OptimizerSettings.Adam(0.001, 0.9, 0.999, 1e-8, 0));
    }

    @Test
    void read_studentsOwnDistillation_replacesLossesAndInheritsTheRest() {
        Pipeline pipeline = PipelineReader.read(SMALL + """
                  teacher: {load: teacher.bin}
                  distillation: {scheme: offline, losses: {label: 0.3, kd: {weight: 0.7, temperature: 2}}}
                  students: [{name: taught}, {name: alone, distillation: {losses: {label: 1}}}]
                  """);

        LossSettings label = new LossSettings(0.3, Map.of());
        LossSettings kd = new LossSettings(
                0.7,
                Map.of(
                        "temperature",
                        2.0,
                        "finalTemperature",
                        0.0,
                        "temperatureEvents",
                        0.0,
                        "teacherTemperature",
                        1.0,
                        "unlabelled",
                        1.0,
                        "confidence",
                        0.0));
        assertThat(pipeline.students().get(0).distillation().losses())
                .containsExactly(Map.entry("label", label), Map.entry("kd", kd));
        assertThat(pipeline.students().get(1).distillation()).satisfies(own -> {
            assertThat(own.scheme()).isEqualTo(DistillationSettings.Scheme.OFFLINE);
            assertThat(own.losses()).isEqualTo(Map.of("label", new LossSettings(1, Map.of())));
        });
    }

    @Test
    void read_lossWithLayers_carriesTheirNamesAndItsDefaults() {
        Pipeline pipeline = PipelineReader.read(SMALL + """
                  distillation: {losses: {label: 1, hint: {weight: 0.1, teacher: hidden-2, student: hidden-1}}}
                  """);
        assertThat(pipeline.distillation().losses().get("hint"))
                .isEqualTo(new LossSettings(
                        0.1, Map.of("student", "hidden-1", "teacher", "hidden-2", "learningRate", 0.1)));
        assertThat(PipelineWriter.complete(pipeline))
                .contains("teacher: hidden-2")
                .contains("student: hidden-1");
        assertThat(PipelineReader.read(PipelineWriter.complete(pipeline))).isEqualTo(pipeline);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "batch: {size: 4}          | similarity-preserving: 1 | batch.step: event found, but the loss similarity-preserving of student 'student' compares the events of a step and needs at least 2; give more (32 events, say), or leave the loss out",
                "batch: {size: 4, step: 2} | rkd-distance: 1 | batch.step: 2 found, but the loss rkd-distance of student 'student' compares the events of a step and needs at least 3; give more (32 events, say), or leave the loss out",
                "batch: {size: 2, step: 8} | rkd-angle: 1    | batch.size: 2 found, but the loss rkd-angle of student 'student' compares the events of a step and needs at least 3; give more (32 events, say), or leave the loss out",
            })
    void read_relationAndTooSmallAStep_isRefused(String batch, String loss, String message) {
        String losses = "distillation: {losses: {label: 1, " + loss + "}}\n";
        assertThatThrownBy(() -> read(SMALL + batch + "\n" + losses))
                .isInstanceOf(InvalidOptionsException.class)
                .hasMessage("small.yaml:5: " + message);
        String ofTheSecond = "students: [{name: a}, {name: b, distillation: {losses: {label: 1, " + loss + "}}}]\n";
        assertThatThrownBy(() -> read(SMALL + batch + "\n" + ofTheSecond))
                .hasMessage("small.yaml:5: " + message.replace("student 'student'", "student 'b'"));

        String enough = "batch: {size: 4, step: 3}\n";
        assertThat(read(SMALL + enough + losses).distillation().losses()).hasSize(2);
        String unweighed = losses.replace(loss, loss.replace("1", "0"));
        assertThat(read(SMALL + batch + "\n" + unweighed).distillation().losses())
                .hasSize(2);
    }

    @Test
    void read_networks_fillInTheirDefaults() {
        Pipeline pipeline = PipelineReader.read("""
                pipeline: small
                events:
                  label: {classes: [no, yes]}
                  features:
                    - {name: picture, type: tensor, shape: [1, 8, 8]}
                    - {name: words, type: text}
                teacher: {network: {type: transformer}}
                students:
                  - {name: a, network: {type: cnn}}
                  - {name: b, network: {type: text}, features: [words]}
                  - {name: c, network: {type: custom, name: house, options: {width: 6}}}
                """);

        assertThat(pipeline.teacher().network()).isEqualTo(new NetworkSettings.Transformer(64, 32, 2, 1, 64));
        assertThat(pipeline.students())
                .extracting(StudentSettings::network)
                .containsExactly(
                        new NetworkSettings.Cnn(
                                List.of(16, 32),
                                3,
                                CnnSpec.Downsampling.POOL,
                                false,
                                Activation.RELU,
                                CnnSpec.Readout.FLATTEN,
                                List.of()),
                        new NetworkSettings.Text(64, List.of(), Activation.TANH),
                        new NetworkSettings.Custom("house", Map.of("width", "6")));
        assertThat(PipelineReader.read(PipelineWriter.complete(pipeline))).isEqualTo(pipeline);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {type: cnn}                                      | cnn needs a tensor feature of shape [C,H,W] or [C,L]; found 1 numeric, a tensor [784]
                    {type: text}                                     | text needs a text feature; found 1 numeric, a tensor [784]
                    {type: transformer}                              | transformer needs a text feature
                    {type: transformer, width: 9}                    | heads: 2 found with a width of 9, must divide it
                    {type: cnn, kernel: 4}                           | kernel: 4 found, must be odd
                    {type: cnn, downsampling: pol}                   | 'pol' found, must be one of pool, stride; did you mean pool?
                    {type: custom}                                   | name: missing; must be given
                    {type: custom, name: hous}                       | network 'hous' found, installed are house;
                    {type: custom, name: house, options: {wide: 3}}  | options [wide] found, house has the one option width
                    """)
    void read_networkThatCannotReadTheFeatures_namesThemAndTheMend(String network, String message) {
        String yaml = """
                pipeline: small
                events:
                  label: {classes: [no, yes]}
                  features:
                    - {name: age, type: numeric}
                    - {name: picture, type: tensor, shape: [784]}
                students:
                  - name: phone
                    network: %s
                """.formatted(network);

        InvalidOptionsException problems =
                catchThrowableOfType(InvalidOptionsException.class, () -> PipelineReader.read(yaml));
        assertThat(problems.problems()).hasSize(1);
        assertThat(problems.problems().get(0).toString())
                .startsWith("pipeline:9: students[0].network")
                .contains(message);
        if (message.contains("needs a") || message.contains("installed")) {
            assertThat(problems).hasMessageContaining("(it reads the features [age, picture])");
        }
    }

    @Test
    void read_networkOfAMember_mayReadWhatTheMemberSees() {
        String yaml = """
                pipeline: small
                events:
                  label: {classes: [no, yes]}
                  features:
                    - {name: picture, type: tensor, shape: [1, 8, 8]}
                    - {name: words, type: text}
                teacher:
                  features: [picture]
                  members:
                    - {network: {type: cnn}}
                    - {network: {type: text}, features: [words]}
                    - {network: {type: text}}
                """;

        assertThatThrownBy(() -> PipelineReader.read(yaml))
                .hasMessageContaining(
                        "pipeline:12: teacher.members[2].network: text needs a text feature; found a tensor")
                .hasMessageContaining("(it reads the features [picture])");
        assertThat(PipelineReader.read(yaml.replace("    - {network: {type: text}}\n", ""))
                        .teacher()
                        .members())
                .hasSize(2);
    }

    @Test
    void read_featureNameWithSpecialCharacters_escapesThePointer() {
        Pipeline pipeline = PipelineReader.read(SMALL.replace("name: x", "name: 'a/b~c: d'"));
        assertThat(pipeline.events().features().get(0).path()).isEqualTo("/a~1b~0c: d");
    }

    @Test
    void read_classesThatLookLikeOtherTypes_areTheTextsThatWereWritten() {
        Pipeline pipeline = PipelineReader.read(SMALL.replace("[no, yes]", "[0, 1.10, true, off]"));
        assertThat(pipeline.events().label().classes()).containsExactly("0", "1.10", "true", "off");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "batchh: {}            | batchh: no such option; did you mean batch? Known here: pipeline, kafka, topics, events, batch, engine, teacher, distillation, students, feedback, drift, checkpoints, scoring, flink, monitor, seed",
                "batch: {sise: 3}      | batch.sise: no such option; did you mean size? Known here: size, maxDelay, step",
                "batch: {zzzzzzzz: 3}  | batch.zzzzzzzz: no such option; Known here: size, maxDelay, step",
                "batch: {size: many}   | batch.size: 'many' found, must be a whole number",
                "batch: {size: 1.5}    | batch.size: '1.5' found, must be a whole number",
                "batch: {size: 0}      | batch.size: 0 found, must be in [1, 65536] events",
                "batch: {size: 9999999999} | batch.size: 9999999999 found, must be a whole number in [-2147483648, 2147483647]",
                "batch: {size: [1]}    | batch.size: a list found, must be a single value",
                "batch: {size: {a: 1}} | batch.size: a mapping found, must be a single value",
                "batch: 3              | batch: '3' found, must be a mapping, such as {key: value}",
                "batch: {maxDelay: 50} | batch.maxDelay: '50' found, must be a whole number and a unit (ms, s, min, h, d), for example 50ms, or off",
                "batch: {maxDelay: 0ms} | batch.maxDelay: 0ms found, must be above 0, or off",
                "batch: {step: 0}      | batch.step: 0 found, must be event, batch, or a number of events of at least 1",
                "batch: {step: often}  | batch.step: 'often' found, must be event, batch, or a number of events of at least 1",
                "engine: fuzed         | engine: 'fuzed' found, must be one of auto, fused, tensor; did you mean fused?",
                "teacher: {teach: later} | teacher.teach: 'later' found, must be one of before, stepwise, after",
                "teacher: {optimizer: {type: sdg}} | teacher.optimizer.type: 'sdg' found, must be one of auto, scaled, sgd, adam; did you mean sgd?",
                "teacher: {optimizer: {type: adam, momentum: 0}} | teacher.optimizer.momentum: no such option; Known here: learningRate, beta1, beta2, epsilon, clipNorm",
                "teacher: {optimizer: {learningRate: fast}} | teacher.optimizer.learningRate: 'fast' found, must be a finite number",
                "teacher: {optimizer: {learningRate: 0}} | teacher.optimizer.learningRate: 0 found, must be in (0, 1000]",
                "teacher: {network: {hidden: 64}} | teacher.network.hidden: '64' found, must be a list, such as [a, b]",
                "teacher: {network: {hidden: [64, 0]}} | teacher.network.hidden[1]: 0 found, must be in [1, 65536]",
                "teacher: {network: {layerNorm: yes}} | teacher.network.layerNorm: 'yes' found, must be true or false",
                "students: []          | students: 0 given, their number must be in [1, 64]",
                "students: [{name: A}] | students[0].name: 'A' found, must be lower-case letters, digits and hyphens between them, at most 64",
                "students: [{name: a}, {name: a}] | students: 'a' is named twice; give each student its own name",
                "distillation: {scheme: offline} | distillation.scheme: offline found without teacher.load; name the snapshot of a teacher that has learned already, or choose online",
                "distillation: {losses: {}} | distillation.losses: 0 given, their number must be at least 1",
                "distillation: {losses: {hnt: 1}} | distillation.losses.hnt: no such option; did you mean hint? Known here: attention-transfer, crd, dist, dkd, hint, kd, label, rkd-angle, rkd-distance, similarity-preserving",
                "distillation: {losses: {kd: -1}} | distillation.losses.kd.weight: -1 found, must be in [0, 1000000]",
                "distillation: {losses: {kd: [1]}} | distillation.losses.kd: a list found, must be a value of weight or a mapping of weight, temperature, finalTemperature, temperatureEvents, teacherTemperature, unlabelled, confidence",
                "distillation: {losses: {label: {temperature: 2}}} | distillation.losses.label.temperature: no such option; Known here: weight",
                "distillation: {losses: {hint: {learningRate: 2}}} | distillation.losses.hint.learningRate: 2 found, must be in (0, 1]",
                "distillation: {losses: {rkd-angle: {triples: 0}}} | distillation.losses.rkd-angle.triples: 0 found, must be in [1, 1e8]",
                "distillation: {losses: {label: 0}} | distillation.losses: every weight is 0, so nothing would be learned; give one a weight above 0",
                "drift: {detectors: [{type: adwin, on: student-errors}]} | drift.detectors[0].on: 'student-errors' found, must be one of student-error, teacher-error, disagreement, student-loss, teacher-loss, student-uncertainty, teacher-uncertainty, feature; did you mean student-error?",
                "topics: {events: my_events} | topics.events: 'my_events' found, must be lower-case letters, digits, dots and hyphens, at most 249 of them",
                "topics: {events: small.drift} | topics: topic small.drift is named twice; give each kind of record its own topic",
                "kafka: {bootstrapServers: localhost} | kafka.bootstrapServers: 'localhost' found, must be host:port, several separated by commas",
                "checkpoints: {every: 200} | checkpoints.every: '200' found, must be a number and a unit, for example 200 batches or 10000 events",
                "checkpoints: {inlineLimit: 512K} | checkpoints.inlineLimit: '512K' found, must be a whole number and a unit (B, KiB, MiB, GiB, kB, MB, GB), for example 512KiB",
                "checkpoints: {inlineLimit: 1GiB} | checkpoints.inlineLimit: 1GiB found, must be in [0, 104857600] bytes",
                "flink: {checkpointInterval: 1ms} | flink.checkpointInterval: 1ms found, must be in [0.01, 86400] seconds",
                "seed: {}              | seed: a mapping found, must be a single value",
            })
    void read_badOption_namesPlaceValueRuleAndMend(String yaml, String message) {
        assertThatThrownBy(() -> read(SMALL + yaml))
                .isInstanceOf(InvalidOptionsException.class)
                .hasMessage("small.yaml:5: " + message);
    }

    @Test
    void read_teachersFromElsewhere_carryTheirSettings() {
        String offline = "distillation: {scheme: offline}\n";
        Pipeline events = PipelineReader.read(
                SMALL.replace("features:", "teacher: {}\n  features:") + offline + "teacher: {from: events}\n");
        assertThat(events.teacher().from()).isEqualTo(TeacherSettings.From.EVENTS);
        assertThat(events.events().teacher()).isEqualTo(new EventTeacherSettings("/teacher", null));
        assertThat(PipelineReader.read(PipelineWriter.complete(events))).isEqualTo(events);

        TeacherSettings script = PipelineReader.read(SMALL + offline
                        + "teacher: {from: torchscript, load: s3://models/t.pt, output: probabilities}\n")
                .teacher();
        assertThat(script.from()).isEqualTo(TeacherSettings.From.TORCHSCRIPT);
        assertThat(script.load()).isEqualTo("s3://models/t.pt");
        assertThat(script.output()).isEqualTo(Answer.PROBABILITIES);

        TeacherSettings onnx = PipelineReader.read(SMALL + offline + "teacher: {from: onnx, load: t.onnx}\n")
                .teacher();
        assertThat(onnx.from()).isEqualTo(TeacherSettings.From.ONNX);
        assertThat(onnx.output()).isEqualTo(Answer.LOGITS);
        assertThat(PipelineReader.read(SMALL).teacher().from()).isEqualTo(TeacherSettings.From.NETWORK);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "from: events                               | | teacher.from: events found without events.teacher; say there where the probabilities stand",
                "from: onnx                                 | | teacher.load: missing; name the file of the onnx teacher",
                "from: torchscript                          | | teacher.load: missing; name the file of the torchscript teacher",
                "from: keras, load: k                       | | teacher.from: 'keras' found, must be one of network, events, torchscript, onnx",
                "from: events, load: t                      | | teacher.load: t found, but the events are the teacher; leave it out",
                "from: events, features: [x]                | | teacher.features: [x] found, but the events are the teacher; leave them out",
                "from: onnx, load: t, save: s               | | teacher.save: s found, but this teacher learns nothing that could be saved; leave it out",
                "from: onnx, load: t, members: [{}]         | | teacher.members: a committee found, its members are networks; leave it out, or set from to network",
                "from: onnx, load: t, output: probabilities | | teacher.output: probabilities found, which is for a TorchScript teacher; leave it out",
                "from: onnx, load: t | distillation: {scheme: online} | teacher.from: onnx found, a teacher that learns nothing here; set distillation.scheme to offline",
                "from: onnx, load: t | distillation: {scheme: offline, losses: {hint: {weight: 1, teacher: hidden-2, student: hidden-1}}} | students[0].distillation.losses: layers [hidden-2] of the teacher found, but of a teacher from onnx nothing but the logits can be seen; name these, or leave the losses out",
                "from: onnx, load: t | feedback: {policy: mutual}     | feedback.policy: mutual found, but a teacher from onnx learns nothing from feedback; set it to none",
                "from: onnx, load: t | students: [{distillation: {adversarial: {epsilon: 1, hardFor: teacher}}}] | students[0].distillation.adversarial.hardFor: teacher found, but a teacher from onnx gives no gradients to find such events by; set it to student",
            })
    void read_teacherFromElsewhereThatBreaksRules_isNamed(String teacher, @Nullable String rest, String message) {
        String others = rest == null ? "" : rest + "\n";
        String scheme = others.contains("scheme:") ? "" : "distillation: {scheme: offline}\n";
        assertThatThrownBy(() -> read(SMALL + "teacher: {" + teacher + "}\n" + others + scheme))
                .isInstanceOf(InvalidOptionsException.class)
                .hasMessageMatching("small.yaml:\\d+: " + Pattern.quote(message));
    }

    @Test
    void read_probabilitiesThatNobodyHears_areRefused() {
        assertThatThrownBy(() -> read(SMALL.replace("features:", "teacher: {}\n  features:")))
                .hasMessage("small.yaml:4: events.teacher: found, but teacher.from is network, so nobody would hear it;"
                        + " set teacher.from to events, or leave it out");
    }

    @Test
    void read_probabilitiesOfOtherClasses_areRefused() {
        assertThatThrownBy(() -> read(SMALL.replace("features:", "teacher: {columns: t0..t2}\n  features:")))
                .hasMessageContaining("events: teacher: columns t0..t2 are 3, but there are 2 classes");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{name: x}              | 4 | events.features[0].type: missing; must be one of numeric, category, text, tensor",
                "{type: numeric}        | 4 | events.features[0].name: missing; must be given: Name of the feature, of its CSV column and of the model's input",
                "{name: x, type: text, path: x} | 4 | events.features[0].path: 'x' found, must be a JSON pointer such as /user/age",
                "{name: x, type: category} | 4 | events.features[0].size: missing; give the number of codes, or list the values",
                "{name: x, type: category, size: 2, values: [a]} | 4 | events.features[0].size: 2 found beside a list of 1 values; give one of them",
                "{name: x, type: tensor, shape: []} | 4 | events.features[0].shape: 0 given, their number must be in [1, 8]",
                "{name: x, type: tensor, shape: [2], columns: p0-p1} | 4 | events.features[0].columns: columns 'p0-p1' is no range: write the first and the last column, such as 'p0..p783'",
                "{name: x, type: tensor, shape: [3], columns: p0..p1} | 3 | events: tensor 'x': columns p0..p1 are 2, but shape [3] holds 3 numbers",
                "{name: label, type: numeric} | 3 | events: feature 'label' and the label both read '/label': ",
            })
    void read_badFeature_namesPlaceValueRuleAndMend(String feature, int line, String message) {
        assertThatThrownBy(() -> read(SMALL.replace("{name: x, type: numeric}", feature)))
                .isInstanceOf(InvalidOptionsException.class)
                .hasMessageStartingWith("small.yaml:" + line + ": " + message);
    }

    @Test
    void read_severalMistakes_reportsAllInTheOrderOfTheFile() {
        String yaml = """
                pipeline: Small
                kafka: {bootstrapServer: x}

                batch:
                  size: 0
                  step: x
                students:
                  - name: phone
                    optimizer: {type: sgd, learningRate: -1}
                distillation: {losses: {ld: 1}}
                """;
        InvalidOptionsException failure = catchThrowableOfType(InvalidOptionsException.class, () -> read(yaml));

        assertThat(failure.problems().stream().map(Problem::toString))
                .containsExactly(
                        "small.yaml:1: pipeline: 'Small' found, must be lower-case letters, digits, and dots and hyphens"
                                + " between them, at most 100",
                        "small.yaml:1: events: missing; must be given: How events are read",
                        "small.yaml:2: kafka.bootstrapServer: no such option; did you mean bootstrapServers? Known here:"
                                + " bootstrapServers, startFrom, properties",
                        "small.yaml:5: batch.size: 0 found, must be in [1, 65536] events",
                        "small.yaml:6: batch.step: 'x' found, must be event, batch, or a number of events of at least 1",
                        "small.yaml:9: students[0].optimizer.learningRate: -1 found, must be in (0, 1000]",
                        "small.yaml:10: distillation.losses.ld: no such option; did you mean kd? Known here: "
                                + String.join(", ", Losses.names()));
        assertThat(failure).hasMessageContaining("small.yaml:5: ").hasMessageContaining("\nsmall.yaml:6: ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a: 1\\na: 2            | small.yaml:2: a: written twice, first in line 1; keep one of them",
                "a: &x 1\\nb: *x        | small.yaml:2: b: alias '*x' found, aliases are not read here; write the value out",
                "a: 1\\n---\\nb: 2      | small.yaml:3: a second document found, a file holds one; remove the line '---'",
                "[a, b]                 | small.yaml:1: a list found, must be a mapping, such as 'key: value'",
            })
    void read_yamlThatIsNotAPlainMapping_isRefused(String yaml, String message) {
        assertThatThrownBy(() -> read(yaml.replace("\\n", "\n")))
                .isInstanceOf(InvalidOptionsException.class)
                .hasMessage(message);
    }

    @Test
    void read_brokenYaml_namesTheLine() {
        assertThatThrownBy(() -> read("pipeline: a\nbatch: {size: 3\nseed: 1\n"))
                .isInstanceOf(InvalidOptionsException.class)
                .hasMessageStartingWith("small.yaml:3: not YAML: ");
    }

    @Test
    void read_emptyFile_saysWhatIsMissing() {
        assertThatThrownBy(() -> read(""))
                .hasMessage("small.yaml:1: pipeline: missing; must be given: Name of the pipeline, beginning of its"
                        + " topics' names\nsmall.yaml:1: events: missing; must be given: How events are read");
    }

    @Test
    void read_fileEnvironmentAndFlags_laterOnesWin() {
        String yaml = SMALL + "batch: {size: 1, step: 1}\nseed: 1\n";
        Map<String, String> environment = Map.of("REFLUX_BATCH_SIZE", "2", "REFLUX_BATCH_STEP", "2", "PATH", "/bin");

        Pipeline pipeline = PipelineReader.read("small.yaml", yaml, environment, List.of("batch.size=3"));

        assertThat(pipeline.seed()).isEqualTo(1);
        assertThat(pipeline.batch().step()).isEqualTo(new BatchStep(2));
        assertThat(pipeline.batch().size()).isEqualTo(3);
    }

    @Test
    void read_environment_reachesListsMapsAndVariants() {
        Pipeline pipeline = PipelineReader.read(
                "small.yaml",
                SMALL + "students: [{name: my-phone}, {}]\n",
                Map.of(
                        "REFLUX_KAFKA_BOOTSTRAPSERVERS", "one:1,two:2",
                        "REFLUX_KAFKA_PROPERTIES_SASL_JAAS_CONFIG", "a: b # c",
                        "REFLUX_STUDENTS_MY_PHONE_OPTIMIZER_LEARNINGRATE", "0.5",
                        "REFLUX_STUDENTS_1_NETWORK_HIDDEN", "[8, 4]",
                        "REFLUX_DISTILLATION_LOSSES_KD_TEMPERATURE", "3",
                        "REFLUX_HOME", "not an option: the start script's"),
                List.of());

        assertThat(pipeline.kafka().bootstrapServers()).isEqualTo("one:1,two:2");
        assertThat(pipeline.kafka().properties()).containsExactly(Map.entry("sasl.jaas.config", "a: b # c"));
        assertThat(pipeline.students().get(0).optimizer()).isEqualTo(new OptimizerSettings.Auto(0.5));
        assertThat(pipeline.students().get(1).network()).extracting("hidden").isEqualTo(List.of(8, 4));
        assertThat(pipeline.distillation().losses().get("kd")).satisfies(kd -> {
            assertThat(kd.weight()).isEqualTo(0.5);
            assertThat(kd.options()).containsEntry("temperature", 3.0).containsEntry("unlabelled", 4.0);
        });
    }

    @Test
    void read_flags_reachDefaultsAndWholeMappings() {
        Pipeline pipeline = PipelineReader.read(
                "small.yaml",
                SMALL,
                Map.of(),
                List.of(
                        "students.student.optimizer={type: adam, learningRate: 0.1}",
                        "students[0].name=phone",
                        "distillation.losses={label: 1}",
                        "kafka.properties.client.id=a.B",
                        "drift.detectors=[]"));

        assertThat(pipeline.students()).hasSize(1);
        assertThat(pipeline.students().get(0).name()).isEqualTo("phone");
        assertThat(pipeline.students().get(0).optimizer())
                .isEqualTo(new OptimizerSettings.Adam(0.1, 0.9, 0.999, 1e-8, 0));
        assertThat(pipeline.distillation().losses()).containsOnlyKeys("label");
        assertThat(pipeline.kafka().properties()).containsExactly(Map.entry("client.id", "a.B"));
        assertThat(pipeline.drift().detectors()).isEmpty();
    }

    @Test
    void read_badOverrides_nameTheirOrigin() {
        Map<String, String> environment = Map.of("REFLUX_BATCH_SIZES", "2", "REFLUX_SEED", "x");
        List<String> flags =
                List.of("batch", "bach.size=1", "batch.size.x=1", "students.tablet.name=a", "feedback.lag=-1");

        assertThatThrownBy(() -> PipelineReader.read("small.yaml", SMALL, environment, flags))
                .hasMessage(String.join(
                        "\n",
                        Arrays.asList(
                                "environment variable REFLUX_BATCH_SIZES: batch.SIZES: no such option; did you mean size?"
                                        + " Known here: size, maxDelay, step",
                                "--set batch: 'batch' found, must be PATH=VALUE, for example batch.size=128",
                                "--set bach.size: bach: no such option; did you mean batch? Known here: pipeline, kafka,"
                                        + " topics, events, batch, engine, teacher, distillation, students, feedback,"
                                        + " drift, checkpoints, scoring, flink, monitor, seed",
                                "--set batch.size.x: batch.size: is a single value, 'x' below it does not exist",
                                "--set students.tablet.name: students: no element 'tablet'; there are 1, named by number"
                                        + " from 0 or by their name",
                                "--set feedback.lag: feedback.lag: -1 found, must be in [0, 1024] batches",
                                "environment variable REFLUX_SEED: seed: 'x' found, must be a whole number")));
    }

    @Test
    void readFile_missingOrNotText_saysSo(@TempDir Path folder) throws IOException {
        Path missing = folder.resolve("none.yaml");
        assertThatThrownBy(() -> PipelineReader.read(missing, Map.of(), List.of()))
                .isInstanceOf(InvalidOptionsException.class)
                .hasMessage(missing + ": no such file");

        Path binary = Files.write(folder.resolve("binary.yaml"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        assertThatThrownBy(() -> PipelineReader.read(binary, Map.of(), List.of()))
                .hasMessage(binary + ": not UTF-8 text; save it as UTF-8");

        Path good = Files.writeString(folder.resolve("good.yaml"), SMALL);
        assertThat(PipelineReader.read(good, Map.of(), List.of())).isEqualTo(PipelineReader.read(SMALL));
    }

    private static Pipeline read(String yaml) {
        return PipelineReader.read("small.yaml", yaml, Map.of(), List.of());
    }
}
