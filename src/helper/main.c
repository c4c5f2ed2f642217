/* influxdb3-plugin-registry: the network verbs of influxdb3-plugin, which starts it. */
int main(void) {
    return 2;
}
