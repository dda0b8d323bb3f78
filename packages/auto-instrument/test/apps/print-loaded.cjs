process.stdout.write(process.moduleLoadList.join('\n'));
