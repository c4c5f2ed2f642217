// Runs a declarative Jenkinsfile with JenkinsPipelineUnit: every step is stubbed but `sh`, which
// runs for real. `run.groovy JENKINSFILE BRANCH|change`; the environment is the agent's. Prints a
// line for each step that says how the pipeline went about it.
import com.lesfurets.jenkins.unit.BasePipelineTest

class Pipeline extends BasePipelineTest {
    String branch
    boolean wanted = true
    Map<String, String> environment = [:]

    void prepare() {
        super.setUp()
        binding.setVariable('any', 'any')
        // What only holds other steps.
        for (name in ['pipeline', 'stages', 'steps', 'options']) {
            helper.registerAllowedMethod(name, [Closure.class], { Closure inner -> inner() })
        }
        helper.registerAllowedMethod('agent', [Object.class], { println "agent $it" })
        helper.registerAllowedMethod('agent', [String.class], { println "agent $it" })
        helper.registerAllowedMethod('disableConcurrentBuilds', [], { println 'one build at a time' })
        helper.registerAllowedMethod('timeout', [Map.class], { println "timeout $it" })
        helper.registerAllowedMethod('environment', [Closure.class], { Closure inner ->
            def before = binding.variables.keySet().collect()
            inner()
            binding.variables.each { key, value ->
                if (!(key in before)) { environment[key as String] = value as String }
            }
        })
        helper.registerAllowedMethod('stage', [String.class, Closure.class], { String name, Closure inner ->
            println "stage $name"
            wanted = true
            inner()
            wanted = true
        })
        helper.registerAllowedMethod('when', [Closure.class], { Closure inner -> wanted = inner() })
        helper.registerAllowedMethod('branch', [String.class], { String name -> branch == name })
        helper.registerAllowedMethod('changeRequest', [], { branch == 'change' })
        helper.registerAllowedMethod('lock', [Map.class, Closure.class], { Map what, Closure inner ->
            if (wanted) { println "lock ${what.resource}" }
            inner()
        })
        helper.registerAllowedMethod('usernamePassword', [Map.class], { Map what -> what })
        helper.registerAllowedMethod('withCredentials', [List.class, Closure.class], { List all, Closure inner ->
            def mine = [:]
            for (one in all) {
                mine[one.usernameVariable] = System.getenv("USER_OF_${one.credentialsId}")
                mine[one.passwordVariable] = System.getenv("PASSWORD_OF_${one.credentialsId}")
            }
            environment.putAll(mine)
            inner()
            mine.keySet().each { environment.remove(it) }
        })
        helper.registerAllowedMethod('sh', [String.class], { String script ->
            if (wanted) { shell(script) }
        })
    }

    void shell(String script) {
        def builder = new ProcessBuilder('sh', '-xe', '-c', script).redirectErrorStream(true)
        builder.environment().putAll(environment)
        def process = builder.start()
        process.inputStream.eachLine { println "  | $it" }
        def status = process.waitFor()
        if (status != 0) { throw new RuntimeException("sh: exit status $status") }
    }
}

def run = new Pipeline()
run.branch = args[1]
run.prepare()
try {
    run.runScript(args[0])
    println 'Finished: SUCCESS'
} catch (RuntimeException failure) {
    println "Finished: FAILURE: ${failure.message}"
    System.exit(1)
}
